using Grid.Grains.Tiles;
using Grid.Imaging.Styles;

namespace Grid.Grains.Tests.Tiles;

public sealed class TileEdgeCacheTests
{
    [Fact]
    public void Edges_that_are_asked_for_stay_and_the_others_leave()
    {
        var cache = new TileEdgeCache();
        cache.Keep("slab", 0, TileEdges.None);
        cache.Keep("slab", 1, TileEdges.None);
        for (var tile = 2; tile < 4 * TileEdgeCache.Generation; tile++)
        {
            cache.Keep("slab", tile, TileEdges.None);
            Assert.NotNull(cache.Find("slab", 0));
        }

        Assert.Null(cache.Find("slab", 1));
        Assert.NotNull(cache.Find("slab", (4 * TileEdgeCache.Generation) - 1));
    }
}
