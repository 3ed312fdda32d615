using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Embedded.State;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Xunit.Abstractions;

namespace Grid.Grains.Tests.Pyramids;

public sealed class PyramidBuildTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_build_ends_finished_with_descriptor_list_and_slabs()
    {
        using var scene = new BuildScene();
        await using var silo = await scene.StartSiloAsync();
        var build = silo.Grains.GetGrain<IPyramidBuildGrain>("b");
        await build.StartAsync(scene.Order());
        await build.StartAsync(scene.Order());
        await build.ReportAsync(new RegionReport("b|16|0|0", [new FinishedSlab("16", 0, 0, 1, 1)], true, ["of another build"]));

        var end = await BuildScene.EndOfAsync(build);
        Assert.Equal(PyramidBuildStatus.Finished, end.Status);
        Assert.Equal((1, end.SlabsTotal), (end.Fraction, end.SlabsDone));
        Assert.Equal(4 * 400 * 400, end.InputPixels);
        Assert.Empty(end.Failures);
        var files = await scene.DigestsAsync();
        Assert.DoesNotContain(files.Keys, key => key.Contains("handover"));
        Assert.Contains("p.json", files.Keys);
        Assert.Contains("p.list", files.Keys);
        var journal = await build.GetFinishedSlabsAsync(0);
        Assert.Equal(journal.Slabs.Count(slab => slab.Tiles > 0), files.Count - 2);
        Assert.Equal(journal.Slabs.Sum(slab => slab.Bytes), end.Pyramid!.SizeBytes);
        Assert.Equal(end.SlabsTotal, journal.Next);
        Assert.Empty(await scene.Reminders.ReadAllAsync(CancellationToken.None));
        await BuildScene.UntilAsync("all lots and places given back", () => Task.FromResult(silo.Lots.Count == 0 && silo.Slots.Taken == 0));
    }

    [Fact]
    public async Task A_build_that_loses_its_silo_at_random_regions_ends_with_the_same_bytes()
    {
        using var scene = new BuildScene();
        await using (var undisturbed = await scene.StartSiloAsync())
        {
            var build = undisturbed.Grains.GetGrain<IPyramidBuildGrain>("whole");
            await build.StartAsync(scene.Order());
            Assert.Equal(PyramidBuildStatus.Finished, (await BuildScene.EndOfAsync(build)).Status);
        }

        var whole = await scene.DigestsAsync();
        foreach (var file in whole.Keys)
            await scene.Store.DeleteAsync($"pyramids/p/{file}");
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var isStarted = false;
        for (var loss = 0; loss < 3; loss++)
        {
            using var held = scene.Store.HoldAfter(random.Next(1, 12));
            await scene.MakeRemindersDueAsync();
            var silo = await scene.StartSiloAsync();
            if (!isStarted)
                await silo.Grains.GetGrain<IPyramidBuildGrain>("b").StartAsync(scene.Order());
            isStarted = true;
            await held.Reached;
            var end = silo.DisposeAsync();
            held.Dispose();
            await end;
        }

        // Nobody calls the build: its reminder brings it back.
        await scene.MakeRemindersDueAsync();
        await using var last = await scene.StartSiloAsync();
        await BuildScene.UntilAsync("the descriptor", async () => await scene.Store.FindAsync("pyramids/p/p.json") is not null);
        var finished = await BuildScene.EndOfAsync(last.Grains.GetGrain<IPyramidBuildGrain>("b"));
        Assert.Equal(PyramidBuildStatus.Finished, finished.Status);
        Assert.Equal(finished.SlabsTotal, finished.SlabsDone);
        Assert.Equal(whole, await scene.DigestsAsync());
    }

    [Fact]
    public async Task A_checkpoint_of_a_plan_that_was_cut_otherwise_is_not_taken_for_this_one()
    {
        using var scene = new BuildScene();
        IReadOnlyDictionary<string, string> whole;
        await using (var silo = await scene.StartSiloAsync())
        {
            await BuildScene.BuildAsync(silo, scene.Order("p"));
            whole = await scene.SlabsAsync("p");
            using var held = scene.Store.HoldAfter(5);
            await silo.Grains.GetGrain<IPyramidBuildGrain>("q").StartAsync(scene.Order("q"));
            await held.Reached;
            var leaving = silo.DisposeAsync();
            held.Dispose();
            await leaving;
        }

        const string Type = "pyramidbuild/pyramid-build";
        var stored = (await scene.States.ReadAsync(Type, "q", default))!;
        var older = JsonNode.Parse(stored.Json.Span)!.AsObject();
        older["regions"] = 0;
        older["doneBefore"] = 1;
        await scene.States.WriteAsync(Type, "q", JsonSerializer.SerializeToUtf8Bytes(older), stored.Etag, default);
        await scene.MakeRemindersDueAsync();
        await using var next = await scene.StartSiloAsync();
        // Until it is planned, it tells what its checkpoint says, as any build does that goes on after a loss.
        var end = await BuildScene.EndOfAsync(next.Grains.GetGrain<IPyramidBuildGrain>("q"), fallsBack: 1);
        Assert.Equal(PyramidBuildStatus.Finished, end.Status);
        Assert.Equal(end.SlabsTotal, end.SlabsDone);
        Assert.Equal(whole, await scene.SlabsAsync("q"));
    }

    [Fact]
    public async Task A_region_that_another_silo_has_done_meanwhile_puts_nothing_once_what_it_is_made_of_is_deleted()
    {
        using var scene = new BuildScene();
        var regions = new List<string>();
        // Where tiles lose a little, slabs that are made of stored ones differ from those that are made of what regions hand over.
        await using (var silo = await scene.StartSiloAsync())
        {
            await BuildScene.BuildAsync(silo, scene.Order("b") with { Compression = "jpg" });
            foreach (var slab in (await silo.Grains.GetGrain<IPyramidBuildGrain>("b").GetFinishedSlabsAsync(0)).Slabs)
            {
                if (await scene.States.ReadAsync("region/region", $"b|{slab.Level}|{slab.Col}|{slab.Row}", default) is not null)
                    regions.Add($"{slab.Level}|{slab.Col}|{slab.Row}");
            }
        }

        var whole = await scene.DigestsAsync("b");
        List<string> tiers = [.. regions.Select(region => region.Split('|')[0]).Distinct().OrderByDescending(int.Parse)];
        Assert.True(tiers.Count > 1);
        var root = regions.First(region => region.StartsWith($"{tiers[1]}|", StringComparison.Ordinal)).Split('|');
        var done = JsonNode.Parse((await scene.States.ReadAsync("region/region", $"b|{string.Join('|', root)}", default))!.Json.Span)!;
        var states = new LateStates(scene.States);
        var puts = 0;
        scene.Store.BeforePut = _ => Task.FromResult(Interlocked.Increment(ref puts));
        await using var other = await scene.StartSiloAsync(states);
        await other.Grains.GetGrain<IRegionGrain>($"b|{string.Join('|', root)}").StartAsync(new RegionOrder(
            "b", (string)done["doneFor"]!, 1, root[0], long.Parse(root[1]), long.Parse(root[2])));
        await BuildScene.UntilAsync("the region's second look", () => Task.FromResult(states.Reads > 1));
        await BuildScene.UntilAsync("all lots and places given back", () => Task.FromResult(other.Lots.Count == 0 && other.Slots.Taken == 0));

        Assert.Equal(0, puts);
        Assert.Equal(whole, await scene.DigestsAsync("b"));
    }

    [Fact]
    public async Task A_region_whose_store_fails_twice_is_tried_again()
    {
        using var scene = new BuildScene();
        var failures = 2;
        scene.Store.BeforePut = key => key.Contains("/18/") && Interlocked.Decrement(ref failures) >= 0
            ? Task.FromException(new StorageException($"{key}: the store is away"))
            : Task.CompletedTask;
        await using var silo = await scene.StartSiloAsync();
        var build = silo.Grains.GetGrain<IPyramidBuildGrain>("b");
        await build.StartAsync(scene.Order());
        var end = await BuildScene.EndOfAsync(build);
        Assert.Equal(PyramidBuildStatus.Finished, end.Status);
        Assert.Equal(end.SlabsTotal, end.SlabsDone);
        Assert.True(failures < 0);
    }

    [Fact]
    public async Task A_damaged_raster_is_named_while_the_rest_is_built_and_the_build_fails()
    {
        using var scene = new BuildScene();
        var damaged = scene.Rasters[0];
        await using (var file = new FileStream(damaged, FileMode.Open))
            file.SetLength(file.Length / 2);
        await using var silo = await scene.StartSiloAsync();
        var build = silo.Grains.GetGrain<IPyramidBuildGrain>("b");
        await build.StartAsync(scene.Order());
        var end = await BuildScene.EndOfAsync(build);
        Assert.Equal(PyramidBuildStatus.Failed, end.Status);
        Assert.Contains(end.Failures, sentence => sentence.Contains(Path.GetFileName(damaged)));
        Assert.DoesNotContain("p.json", (await scene.DigestsAsync()).Keys);
        await BuildScene.UntilAsync("all lots and places given back", () => Task.FromResult(silo.Lots.Count == 0 && silo.Slots.Taken == 0));
    }

    [Fact]
    public async Task An_impossible_order_fails_with_a_sentence_and_stays_failed_in_the_next_silo()
    {
        using var scene = new BuildScene();
        await using (var silo = await scene.StartSiloAsync())
        {
            var build = silo.Grains.GetGrain<IPyramidBuildGrain>("b");
            await build.StartAsync(scene.Order() with { TileMatrixSet = "NOWHERE" });
            Assert.Contains("NOWHERE", Assert.Single((await BuildScene.EndOfAsync(build)).Failures));
        }

        await using var next = await scene.StartSiloAsync();
        Assert.Equal(PyramidBuildStatus.Failed, (await BuildScene.EndOfAsync(next.Grains.GetGrain<IPyramidBuildGrain>("b"))).Status);
    }

    [Fact]
    public async Task An_abort_while_planning_ends_the_build_and_closes_the_lot()
    {
        using var scene = new BuildScene();
        await using var silo = await scene.StartSiloAsync();
        var build = silo.Grains.GetGrain<IPyramidBuildGrain>("b");
        await build.StartAsync(scene.Order());
        await build.AbortAsync();
        Assert.Equal(PyramidBuildStatus.Aborted, (await BuildScene.EndOfAsync(build)).Status);
        await BuildScene.UntilAsync("all lots and places given back", () => Task.FromResult(silo.Lots.Count == 0 && silo.Slots.Taken == 0));
        Assert.Empty(await scene.Reminders.ReadAllAsync(CancellationToken.None));
    }

    [Fact]
    public async Task An_abort_between_regions_leaves_nothing_being_written()
    {
        using var scene = new BuildScene();
        using var held = scene.Store.HoldAfter(10);
        await using var silo = await scene.StartSiloAsync();
        var build = silo.Grains.GetGrain<IPyramidBuildGrain>("b");
        await build.StartAsync(scene.Order());
        await held.Reached;
        var abort = build.AbortAsync();
        held.Dispose();
        await abort;
        var written = held.Puts;
        var end = await BuildScene.EndOfAsync(build);
        Assert.Equal(PyramidBuildStatus.Aborted, end.Status);
        Assert.InRange(end.SlabsDone, 0, end.SlabsTotal - 1);
        await BuildScene.UntilAsync("all lots and places given back", () => Task.FromResult(silo.Lots.Count == 0 && silo.Slots.Taken == 0));
        Assert.Equal(written, held.Puts);
        await build.StartAsync(scene.Order());
        Assert.Equal(PyramidBuildStatus.Aborted, (await build.GetProgressAsync()).Status);
    }

    [Fact]
    public async Task A_state_store_that_is_away_for_a_while_costs_no_build()
    {
        using var scene = new BuildScene();
        var states = new FailingStates(scene.States);
        await using var silo = await scene.StartSiloAsync(states);
        var build = silo.Grains.GetGrain<IPyramidBuildGrain>("b");
        await build.StartAsync(scene.Order());
        states.FailuresLeft = 3;
        var end = await BuildScene.EndOfAsync(build);
        Assert.Equal(PyramidBuildStatus.Finished, end.Status);
        Assert.Equal(end.SlabsTotal, end.SlabsDone);
        Assert.True(states.FailuresLeft <= 0);
    }

    [Fact]
    public async Task Two_builds_at_once_both_end()
    {
        using var scene = new BuildScene();
        await using var silo = await scene.StartSiloAsync();
        var builds = new[] { "one", "two" }.Select(name => (Name: name, Grain: silo.Grains.GetGrain<IPyramidBuildGrain>(name))).ToList();
        foreach (var build in builds)
            await build.Grain.StartAsync(scene.Order(build.Name));
        foreach (var build in builds)
            Assert.Equal(PyramidBuildStatus.Finished, (await BuildScene.EndOfAsync(build.Grain)).Status);
        var one = (await scene.DigestsAsync("one")).Where(file => !file.Key.StartsWith("one.", StringComparison.Ordinal)).Select(file => file.Value);
        var two = (await scene.DigestsAsync("two")).Where(file => !file.Key.StartsWith("two.", StringComparison.Ordinal)).Select(file => file.Value);
        Assert.Equal(one, two);
    }

    /// <summary>Hides a region's state from its first reader, as if it had read before another wrote.</summary>
    private sealed class LateStates(IGrainStateStore inner) : IGrainStateStore
    {
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        public Task<StoredState?> ReadAsync(string type, string key, CancellationToken cancellationToken) =>
            type == "region/region" && Interlocked.Increment(ref _reads) == 1 ? Task.FromResult<StoredState?>(null) : inner.ReadAsync(type, key, cancellationToken);

        public Task<string> WriteAsync(string type, string key, ReadOnlyMemory<byte> json, string? etag, CancellationToken cancellationToken) =>
            inner.WriteAsync(type, key, json, etag, cancellationToken);

        public Task ClearAsync(string type, string key, string? etag, CancellationToken cancellationToken) => inner.ClearAsync(type, key, etag, cancellationToken);
    }

    private sealed class FailingStates(IGrainStateStore inner) : IGrainStateStore
    {
        private int _failuresLeft;

        public int FailuresLeft
        {
            get => Volatile.Read(ref _failuresLeft);
            set => Volatile.Write(ref _failuresLeft, value);
        }

        public Task<StoredState?> ReadAsync(string type, string key, CancellationToken cancellationToken) => inner.ReadAsync(type, key, cancellationToken);

        public Task<string> WriteAsync(string type, string key, ReadOnlyMemory<byte> json, string? etag, CancellationToken cancellationToken) =>
            FailuresLeft > 0 && Interlocked.Decrement(ref _failuresLeft) >= 0
                ? Task.FromException<string>(new TimeoutException("The database is away."))
                : inner.WriteAsync(type, key, json, etag, cancellationToken);

        public Task ClearAsync(string type, string key, string? etag, CancellationToken cancellationToken) => inner.ClearAsync(type, key, etag, cancellationToken);
    }
}
