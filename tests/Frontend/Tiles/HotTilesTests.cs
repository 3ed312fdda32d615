using System.Text.Json;
using Grid.Frontend.Layers;
using Grid.Frontend.Tiles;
using Grid.Ogc;

namespace Grid.Frontend.Tests.Tiles;

public sealed class HotTilesTests
{
    private static readonly PublishedLayer s_layer = Layer(1);

    private static LayerStyle Style => s_layer.DefaultStyle;

    [Fact]
    public void Tiles_are_kept_up_to_the_bytes_that_are_allowed()
    {
        var hot = Keeping(tiles: 10);
        for (var i = 0; i < 100; i++)
        {
            hot.Keep(Tile(i));
            Assert.True(hot.TryFind(new TileKey(Address(s_layer, i), Style), out _));
        }

        Assert.Equal(10 * (HotTile.OverheadBytes + 1000), hot.Bytes);
        Assert.Equal(10, Enumerable.Range(0, 100).Count(i => hot.TryFind(new TileKey(Address(s_layer, i), Style), out _)));
    }

    [Fact]
    public void A_tile_that_is_asked_for_again_outlives_those_that_are_not()
    {
        var hot = Keeping(tiles: 10);
        hot.Keep(Tile(0));
        for (var i = 1; i < 200; i++)
        {
            hot.Keep(Tile(i));
            Assert.True(hot.TryFind(new TileKey(Address(s_layer, 0), Style), out var popular));
            Assert.Equal(1000, popular.LengthBytes);
        }
    }

    [Fact]
    public void Nothing_is_kept_where_nothing_is_allowed()
    {
        var hot = Keeping(tiles: 0);
        hot.Keep(Tile(0));
        Assert.Equal(0, hot.Bytes);
        Assert.False(hot.TryFind(new TileKey(Address(s_layer, 0), Style), out _));
    }

    [Fact]
    public void Another_version_has_other_tiles()
    {
        var hot = Keeping(tiles: 10);
        hot.Keep(Tile(0));
        Assert.False(hot.TryFind(new TileKey(Address(Layer(2), 0), Style), out _));
        Assert.False(hot.TryFind(new TileKey(Address(s_layer, 0) with { Level = s_layer.Levels[0] }, Style), out _));
        Assert.False(hot.TryFind(new TileKey(Address(s_layer, 0) with { Row = 1 }, Style), out _));
    }

    [Fact]
    public async Task Bytes_are_right_after_many_at_once()
    {
        var hot = Keeping(tiles: 50);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            var random = new Random(thread);
            for (var i = 0; i < 20_000; i++)
            {
                var tile = random.Next(100);
                if (!hot.TryFind(new TileKey(Address(s_layer, tile), Style), out var found))
                    hot.Keep(Tile(tile));
                else
                    Assert.Equal((byte)tile, found.Stored.Span[0]);
            }
        })));
        var held = Enumerable.Range(0, 100).Count(i => hot.TryFind(new TileKey(Address(s_layer, i), Style), out _));
        Assert.Equal(50, held);
        Assert.Equal(held * (HotTile.OverheadBytes + 1000), hot.Bytes);
    }

    private static HotTiles Keeping(int tiles) => new(new ServingOptions { HotTileBytes = tiles * (HotTile.OverheadBytes + 1000L) });

    private static HotTile Tile(int i)
    {
        var bytes = new byte[1000];
        bytes[0] = (byte)i;
        return new HotTile(Address(s_layer, i), Style, bytes);
    }

    private static TileAddress Address(PublishedLayer layer, int i) => new(layer, layer.Levels[^1], i, 0);

    private static PublishedLayer Layer(long version)
    {
        using var document = JsonDocument.Parse(TileHost.Document(version, "TIFF_PNG_UINT8").ToJsonString());
        return PublishedLayerReader.Read("a", version, document.RootElement);
    }
}
