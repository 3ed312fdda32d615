using Grid.Interfaces.Pyramids;

namespace Grid.Grains.Tests.Pyramids;

/// <summary>Data sources by level: each level is the one that a pyramid of its source alone would have.</summary>
public sealed class SourceGroupTests : IDisposable
{
    private readonly BuildScene _scene = new();

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData("PM", "18", "16", "0")]
    [InlineData("LAMB93", "16", "15", "8")]
    public async Task Each_source_feeds_the_levels_from_its_own_up_to_the_next_ones(string set, string finest, string next, string top)
    {
        await using var silo = await _scene.StartSiloAsync();
        var order = _scene.Order("both") with { TileMatrixSet = set, Compression = "zip", Mask = true, TopLevel = top, BottomLevel = finest };
        var newer = _scene.Newer();
        await BuildScene.BuildAsync(silo, order with { PyramidName = "fine", StoragePrefix = "pyramids/fine", Sources = newer });
        await BuildScene.BuildAsync(silo, order with { PyramidName = "coarse", StoragePrefix = "pyramids/coarse", BottomLevel = next });

        var both = await BuildScene.BuildAsync(silo, order with
        {
            Sources = [.. newer, .. order.Sources],
            SourceGroups = [new SourceGroup(finest, newer.Count, "EPSG:2154"), new SourceGroup(next, order.Sources.Count, "EPSG:2154")],
        });

        var expected = (await _scene.SlabsAsync("fine")).Where(slab => LevelOf(slab.Key) > int.Parse(next))
            .Concat(await _scene.SlabsAsync("coarse")).OrderBy(slab => slab.Key, StringComparer.Ordinal).ToList();
        Assert.Equal(expected, (await _scene.SlabsAsync("both")).OrderBy(slab => slab.Key, StringComparer.Ordinal));
        Assert.Contains(expected, slab => LevelOf(slab.Key) == int.Parse(finest));
        Assert.Equal(finest, both.Pyramid!.Levels[^1]);
    }

    private static int LevelOf(string path) => int.Parse(path.Split('/')[2]);
}
