using System.Security.Cryptography;
using Grid.Cli.Lots;
using Grid.Embedded.Reminders;
using Grid.Embedded.State;
using Grid.Interfaces.Pyramids;
using Grid.Storage.FileSystem;
using Orleans;

namespace Grid.Grains.Tests.Pyramids;

/// <summary>A lot of four dalles in a store of its own, with what outlives a silo: objects, grain states, reminders.</summary>
internal sealed class BuildScene : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-grains-").FullName;
    private readonly FileObjectStore _files;

    public BuildScene()
    {
        _files = new FileObjectStore(_folder, flushToDisk: false);
        Store = new WatchedStore(_files);
        Rasters = OrthoLot.Generate(Path.Combine(_folder, "lot"), 2, 2, 400, 1.0);
    }

    public WatchedStore Store { get; }

    public InMemoryGrainStateStore States { get; } = new();

    public InMemoryReminderStore Reminders { get; } = new();

    public IReadOnlyList<string> Rasters { get; }

    /// <summary>One tile a slab, so that the little lot has some eighty slabs in several regions.</summary>
    public PyramidBuildOrder Order(string name = "p") => new()
    {
        PyramidName = name,
        StoragePrefix = $"pyramids/{name}",
        Sources = [.. Rasters.Select(path => new SourceRaster($"lot/{Path.GetFileName(path)}", Path.GetFileName(path)))],
        SourceCrs = "EPSG:2154",
        TileMatrixSet = "PM",
        BottomLevel = "18",
        Compression = "png",
        Interpolation = "bicubic",
        TilesPerWidth = 1,
        TilesPerHeight = 1,
    };

    public Task<SiloHost> StartSiloAsync(IGrainStateStore? states = null) => SiloHost.StartAsync(Store, states ?? States, Reminders);

    /// <summary>The path of an object's file.</summary>
    public string PathOf(string key) => Path.Combine(_folder, key);

    /// <summary>Digest of each object below a prefix, by its key after the prefix.</summary>
    public async Task<IReadOnlyDictionary<string, string>> DigestsAsync(string name = "p")
    {
        var digests = new SortedDictionary<string, string>();
        await foreach (var found in _files.ListAsync($"pyramids/{name}/"))
        {
            await using var content = await _files.OpenReadAsync(found.Key);
            digests[found.Key[$"pyramids/{name}/".Length..]] = Convert.ToHexString(await SHA256.HashDataAsync(content));
        }

        return digests;
    }

    /// <summary>Digest of each slab of a pyramid, by its path under the pyramid's folder.</summary>
    public async Task<IReadOnlyDictionary<string, string>> SlabsAsync(string name) => (await DigestsAsync(name))
        .Where(file => file.Key.StartsWith(name + "/", StringComparison.Ordinal)).ToDictionary(file => file.Key[name.Length..], file => file.Value);

    /// <summary>A finer dalle over the north-west of the lot: on a sheet of its own, so that a build of both lots mixes no kernel over the seam.</summary>
    public IReadOnlyList<SourceRaster> Newer() =>
        [.. OrthoLot.Generate(PathOf("newer"), 1, 1, 300, 0.5, seed: 2).Select(path => new SourceRaster($"newer/{Path.GetFileName(path)}", Path.GetFileName(path)))];

    /// <summary>A built pyramid as one that another begins from.</summary>
    public static FormerPyramidOrder Former(PyramidBuildProgress built, string name) =>
        new($"pyramids/{name}", name, built.Pyramid!.Descriptor, built.Pyramid.Bounds);

    /// <summary>Runs a build, keyed by its pyramid's name, and checks that it ends well.</summary>
    public static async Task<PyramidBuildProgress> BuildAsync(SiloHost silo, PyramidBuildOrder order)
    {
        var build = silo.Grains.GetGrain<IPyramidBuildGrain>(order.PyramidName);
        await build.StartAsync(order);
        var end = await EndOfAsync(build);
        Assert.True(end.Status == PyramidBuildStatus.Finished, string.Join('\n', end.Failures));
        return end;
    }

    /// <summary>Makes every stored reminder come in a moment and often, as if minutes passed.</summary>
    public async Task MakeRemindersDueAsync()
    {
        foreach (var reminder in await Reminders.ReadAllAsync(CancellationToken.None))
            await Reminders.WriteAsync(reminder with { Start = DateTimeOffset.UtcNow, Period = TimeSpan.FromMilliseconds(200) }, CancellationToken.None);
    }

    public void Dispose()
    {
        _files.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Follows a build to its end, checking each progress on the way.</summary>
    /// <param name="fallsBack">How often progress may be less than before: once for a build whose checkpoint turns out to be of another plan.</param>
    public static async Task<PyramidBuildProgress> EndOfAsync(IPyramidBuildGrain build, int fallsBack = 0)
    {
        var fraction = 0.0;
        PyramidBuildProgress? end = null;
        await UntilAsync("the end of the build", async () =>
        {
            var now = await build.GetProgressAsync();
            Assert.InRange(now.SlabsDone, 0, now.SlabsTotal);
            Assert.All(now.Levels, level => Assert.InRange(level.SlabsDone, 0, level.SlabsTotal));
            if (now.Fraction < fraction && fallsBack > 0)
                (fraction, fallsBack) = (0, fallsBack - 1);
            Assert.InRange(now.Fraction, fraction, 1);
            Assert.True(now.TimeLeft is null || now.TimeLeft >= TimeSpan.Zero);
            fraction = now.Fraction;
            end = now;
            return now.Status is PyramidBuildStatus.Finished or PyramidBuildStatus.Failed or PyramidBuildStatus.Aborted;
        });
        return end!;
    }

    public static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        var limit = DateTime.UtcNow.AddMinutes(2);
        while (!await condition())
        {
            if (DateTime.UtcNow > limit)
                throw new TimeoutException($"Waited in vain for {what}.");
            await Task.Delay(10);
        }
    }
}
