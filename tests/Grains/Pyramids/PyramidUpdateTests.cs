using Grid.Cli.Lots;
using Grid.Imaging.Slabs;
using Grid.Interfaces.Pyramids;
using Xunit.Abstractions;

namespace Grid.Grains.Tests.Pyramids;

/// <summary>Updates are judged by builds from nothing over the union of the lots: the same bytes, in lossless pyramids.</summary>
public sealed class PyramidUpdateTests(ITestOutputHelper output) : IDisposable
{
    private readonly BuildScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData("PM", "18", "bicubic", "png", false, 1)]
    [InlineData("PM", "18", "bicubic", "zip", true, 4)]
    [InlineData("LAMB93", "16", "bicubic", "zip", true, 1)]
    [InlineData("LAMB93_1M_MNT", "8", "nn", "zip", true, 1)]
    public async Task An_update_gives_the_bytes_of_a_build_of_both_lots(string set, string bottom, string interpolation, string compression, bool mask, int slab)
    {
        PyramidBuildOrder Order(string name) => _scene.Order(name) with
        {
            TileMatrixSet = set,
            BottomLevel = bottom,
            Interpolation = interpolation,
            Compression = compression,
            Mask = mask,
            TilesPerWidth = slab,
            TilesPerHeight = slab,
        };
        var added = _scene.Newer();
        await using var silo = await _scene.StartSiloAsync();
        var former = await BuildScene.BuildAsync(silo, Order("former"));
        var union = await BuildScene.BuildAsync(silo, Order("union") with { Sources = [.. Order("union").Sources, .. added] });
        var before = await _scene.DigestsAsync("former");

        var updated = await BuildScene.BuildAsync(silo, Order("updated") with { Sources = added, Former = BuildScene.Former(former, "former") });

        Assert.Equal(await _scene.SlabsAsync("union"), await _scene.SlabsAsync("updated"));
        Assert.Equal(Anonymous(union, "union"), Anonymous(updated, "updated"));
        Assert.Equal(before, await _scene.DigestsAsync("former"));
        Assert.True(updated.SlabsTotal < union.SlabsTotal, $"{updated.SlabsTotal} slabs of {union.SlabsTotal} were made");
        Assert.NotEqual(0, updated.SlabsTakenOver);
    }

    [Fact]
    public async Task What_an_update_leaves_alone_it_does_not_copy_and_keeps_when_the_former_pyramid_is_removed()
    {
        await using var silo = await _scene.StartSiloAsync();
        var former = await BuildScene.BuildAsync(silo, _scene.Order("former"));
        await BuildScene.BuildAsync(silo, _scene.Order("updated") with { Sources = _scene.Newer(), Former = BuildScene.Former(former, "former") });
        var updated = await _scene.DigestsAsync("updated");

        var links = updated.Keys.Where(key => key.EndsWith(".tif", StringComparison.Ordinal)).Select(key => _scene.PathOf($"pyramids/updated/{key}")).ToList();
        Assert.Contains(links, path => LinkCount(path) == 2);
        Assert.Contains(links, path => LinkCount(path) == 1);
        foreach (var key in (await _scene.DigestsAsync("former")).Keys)
            await _scene.Store.DeleteAsync($"pyramids/former/{key}");
        Assert.Equal(updated, await _scene.DigestsAsync("updated"));
    }

    [Fact]
    public async Task An_update_that_loses_its_silo_at_random_puts_ends_with_the_same_bytes()
    {
        var added = _scene.Newer();
        PyramidBuildOrder order;
        await using (var undisturbed = await _scene.StartSiloAsync())
        {
            var former = await BuildScene.BuildAsync(undisturbed, _scene.Order("former"));
            order = _scene.Order() with { Sources = added, Former = BuildScene.Former(former, "former") };
            await BuildScene.BuildAsync(undisturbed, order);
        }

        var whole = await _scene.DigestsAsync();
        foreach (var file in whole.Keys)
            await _scene.Store.DeleteAsync($"pyramids/p/{file}");
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (var loss = 0; loss < 4; loss++)
        {
            var left = random.Next(1, 25);
            var reached = new TaskCompletionSource();
            _scene.Store.BeforePut = _ =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                    reached.TrySetResult();
                return Task.CompletedTask;
            };
            await _scene.MakeRemindersDueAsync();
            await using var silo = await _scene.StartSiloAsync();
            var build = silo.Grains.GetGrain<IPyramidBuildGrain>("again");
            await build.StartAsync(order);
            await Task.WhenAny(reached.Task, BuildScene.EndOfAsync(build)).WaitAsync(TimeSpan.FromMinutes(1));
        }

        await _scene.MakeRemindersDueAsync();
        await using var last = await _scene.StartSiloAsync();
        var end = await BuildScene.EndOfAsync(last.Grains.GetGrain<IPyramidBuildGrain>("again"));
        Assert.Equal(PyramidBuildStatus.Finished, end.Status);
        Assert.Equal(whole, await _scene.DigestsAsync());
    }

    [Fact]
    public async Task A_JPEG_tile_loses_a_generation_only_where_old_and_new_meet()
    {
        PyramidBuildOrder Order(string name) => _scene.Order(name) with { Compression = "jpg90", TilesPerWidth = 4, TilesPerHeight = 4 };
        var added = _scene.Newer();
        await using var silo = await _scene.StartSiloAsync();
        var former = await BuildScene.BuildAsync(silo, Order("former"));
        await BuildScene.BuildAsync(silo, Order("union") with { Sources = [.. Order("union").Sources, .. added] });
        await BuildScene.BuildAsync(silo, Order("updated") with { Sources = added, Former = BuildScene.Former(former, "former") });

        int kept = 0, fresh = 0, mixed = 0;
        double worst = 0;
        foreach (var path in (await _scene.SlabsAsync("union")).Keys)
        {
            SlabReader Open(string name) => new(File.ReadAllBytes(_scene.PathOf($"pyramids/{name}/{name}{path}")));
            SlabReader union = Open("union"), updated = Open("updated"), old = Open("former");
            byte[] expected = new byte[256 * 256 * 3], actual = new byte[256 * 256 * 3];
            for (var number = 0; number < 16; number++)
            {
                var bytes = updated.TileBytes(number).Span;
                if (bytes.SequenceEqual(old.TileBytes(number).Span))
                    kept += bytes.Length > 0 ? 1 : 0;
                else if (bytes.SequenceEqual(union.TileBytes(number).Span))
                    fresh++;
                else
                {
                    mixed++;
                    Assert.True(union.TryDecode(number, expected) && updated.TryDecode(number, actual));
                    worst = Math.Max(worst, expected.Zip(actual, (a, b) => Math.Abs(a - b)).Average());
                }
            }
        }

        output.WriteLine($"{kept} tiles kept, {fresh} as in a build of both, {mixed} mixed: {worst:0.00} grey levels off at the most");
        Assert.True(kept > 0 && fresh > 0 && mixed > 0);
        Assert.InRange(worst, 0, 2);
    }

    [Fact]
    public async Task An_update_with_nothing_new_in_a_JPEG_pyramid_keeps_every_slab()
    {
        // Dalles that are all nodata, within the lot.
        var folder = _scene.PathOf("nothing");
        var none = OrthoLot.Generate(folder, 1, 1, 100, 1.0, seed: 3).Select(path => new SourceRaster($"nothing/{Path.GetFileName(path)}", "none.tif")).ToList();
        await using var silo = await _scene.StartSiloAsync();
        var order = _scene.Order("former") with { Compression = "jpg", TilesPerWidth = 4, TilesPerHeight = 4 };
        var former = await BuildScene.BuildAsync(silo, order);
        foreach (var raster in none)
            Blank(_scene.PathOf(raster.Key));

        await BuildScene.BuildAsync(silo, order with { PyramidName = "updated", StoragePrefix = "pyramids/updated", Sources = none, Former = BuildScene.Former(former, "former") });

        Assert.Equal(await _scene.SlabsAsync("former"), await _scene.SlabsAsync("updated"));
    }

    private static string Anonymous(PyramidBuildProgress built, string name) => built.Pyramid!.Descriptor.Replace($"\"{name}/", "\"*/", StringComparison.Ordinal);

    private static int LinkCount(string path)
    {
        using var stat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("stat", ["-c", "%h", path]) { RedirectStandardOutput = true })!;
        return int.Parse(stat.StandardOutput.ReadToEnd());
    }

    // Every sample becomes nodata's 255; the header stays.
    private static void Blank(string tiff)
    {
        var bytes = File.ReadAllBytes(tiff);
        bytes.AsSpan(bytes.Length - (100 * 100 * 3)).Fill(255);
        File.WriteAllBytes(tiff, bytes);
    }
}
