using System.Security.Cryptography;
using Grid.Embedded.Reminders;
using Grid.Embedded.State;
using Grid.Fixtures;
using Grid.Grains.Tests.Pyramids;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Grid.Storage.FileSystem;

namespace Grid.Grains.Tests.PointClouds;

/// <summary>3D Tiles as the last part of a build of COPC files.</summary>
public sealed class TilesetBuildTests : IDisposable
{
    private const int PointsPerOctant = 300;
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-grains-").FullName;
    private readonly FileObjectStore _store;

    public TilesetBuildTests() => _store = new FileObjectStore(_folder, flushToDisk: false);

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Block_has_a_tileset_with_every_point_of_its_tiles()
    {
        var built = await BuildAsync("a", PointCloudOutputs.Block | PointCloudOutputs.Tiles | PointCloudOutputs.Tilesets);
        var block = Assert.Single(built.Files, file => file.TilesetPrefix is not null);
        Assert.True(block.IsBlock);
        Assert.StartsWith("NGF-IGN69, which the CRS does not state but the place suggests, made ellipsoidal by", block.TilesetHeights);
        var check = await TilesetCheck.ReadAsync(name => ReadAsync($"{block.TilesetPrefix}/{name}"));
        Assert.Empty(check.Findings);
        Assert.Equal(built.Points, check.Points);
        Assert.Equal("EPSG:2154", (string?)check.Root["asset"]!["extras"]!["crs"]);
        Assert.Equal(built.Points, check.Root["asset"]!["extras"]!["classes"]!.AsObject().Sum(pair => (long)pair.Value!));
        // Both tiles are a kilometre wide, side by side: as far from the earth's centre as France is.
        Assert.All(check.Tiles, tile => Assert.InRange(Math.Sqrt(Enumerable.Range(0, 3).Sum(i => tile.Places[i] * tile.Places[i])), 6_365_000, 6_368_000));
        Assert.Equal(built.SizeBytes, Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories)
            .Where(file => file.Contains("/a/files/", StringComparison.Ordinal) || file.Contains("/a/3dtiles/", StringComparison.Ordinal)).Sum(file => new FileInfo(file).Length));
    }

    [Fact]
    public async Task Builds_of_the_same_tiles_have_the_same_tilesets_and_those_without_have_none()
    {
        await BuildAsync("a", PointCloudOutputs.Block | PointCloudOutputs.Tilesets);
        await BuildAsync("b", PointCloudOutputs.Block | PointCloudOutputs.Tilesets);
        var none = await BuildAsync("c", PointCloudOutputs.Block);
        Assert.All(none.Files, file => Assert.Null(file.TilesetPrefix));
        var (a, b) = (Digests("a"), Digests("b"));
        Assert.NotEmpty(a);
        Assert.Equal(a, b);
        Assert.Empty(Digests("c"));
    }

    private async Task<PointCloudSummary> BuildAsync(string name, PointCloudOutputs outputs)
    {
        var sources = new List<SourceCloud>();
        foreach (var (seed, x) in ((int, double)[])[(1, 648000), (2, 649024)])
        {
            await _store.PutAsync($"lot/{seed}.laz", await TiledClouds.HillsideAsync(PointsPerOctant, seed, x));
            sources.Add(new SourceCloud($"lot/{seed}.laz", $"{seed}.laz"));
        }

        await using var silo = await SiloHost.StartAsync(_store, new InMemoryGrainStateStore(), new InMemoryReminderStore());
        var build = silo.Grains.GetGrain<IPointCloudBuildGrain>(name);
        await build.StartAsync(new PointCloudBuildOrder { Name = "block", StoragePrefix = $"clouds/{name}", Sources = sources, Crs = "EPSG:2154", Outputs = outputs });
        PointCloudBuildProgress? end = null;
        await BuildScene.UntilAsync("the end of the build", async () =>
        {
            end = await build.GetProgressAsync();
            Assert.InRange(end.Fraction, 0, 1);
            return end.Status is PyramidBuildStatus.Finished or PyramidBuildStatus.Failed or PyramidBuildStatus.Aborted;
        });
        Assert.True(end!.Status == PyramidBuildStatus.Finished, string.Join('\n', end.Failures));
        return end.Cloud!;
    }

    private async Task<byte[]> ReadAsync(string key)
    {
        await using var content = await _store.OpenReadAsync(key);
        var bytes = new MemoryStream();
        await content.CopyToAsync(bytes);
        return TiledClouds.Decompress(bytes.ToArray());
    }

    private Dictionary<string, string> Digests(string name)
    {
        var folder = Path.Combine(_folder, "clouds", name, "3dtiles");
        return !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .ToDictionary(file => Path.GetRelativePath(folder, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))));
    }
}
