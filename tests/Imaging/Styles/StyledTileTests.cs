using System.Text;
using Grid.Imaging.Codecs;
using Grid.Imaging.Styles;

namespace Grid.Imaging.Tests.Styles;

public sealed class StyledTileTests
{
    private const int Side = 32;
    private static readonly PixelFormat Heights = new(SampleType.Float32, 1);

    [Theory]
    [InlineData(TileCompression.Zip, false)]
    [InlineData(TileCompression.Raw, true)]
    public void Tiles_meet_without_a_seam(TileCompression compression, bool hasMask)
    {
        using var relief = Relief.Make(3 * Side, 3 * Side);
        var style = Rok4StyleJson.Read(Encoding.UTF8.GetBytes("""{ "identifier": "h", "title": "h", "estompage": {} }"""), "h").ToRasterStyle()!;
        var format = new StoredTileFormat(compression, Heights, Side, Side, [Relief.Nodata]);
        using var whole = Relief.Apply("""{ "identifier": "h", "title": "h", "estompage": {} }""", relief, 5, 5);
        var tiles = new StoredTile[9];
        for (var i = 0; i < 9; i++)
            tiles[i] = Store(relief, (i % 3) * Side, (i / 3) * Side, compression, hasMask);

        var png = Make(style, format, tiles)!;
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("tile.png"), png);
        var served = OutsideTools.Samples(folder.File("tile.png"));
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var at = ((y + Side - 1) * whole.Width) + x + Side - 1;
                // The hole makes the tile grey with opacity.
                Assert.Equal((whole.Pixels[at], whole.Mask[at]), (served[2 * ((y * Side) + x)], served[(2 * ((y * Side) + x)) + 1]));
            }
        }
    }

    [Fact]
    public void A_tile_without_neighbours_is_made_and_one_without_data_is_none()
    {
        using var relief = Relief.Make(Side, Side);
        relief.Mask.Fill(255);
        var style = Rok4StyleJson.Read(Encoding.UTF8.GetBytes("""{ "identifier": "h", "title": "h", "estompage": {} }"""), "h").ToRasterStyle()!;
        var format = new StoredTileFormat(TileCompression.Zip, Heights, Side, Side, [Relief.Nodata]);
        var tiles = new StoredTile[9];
        Assert.Null(Make(style, format, tiles));
        tiles[4] = Store(relief, 0, 0, TileCompression.Zip, false);
        Assert.NotNull(Make(style, format, tiles));
        tiles[4] = Store(relief, 0, 0, TileCompression.Zip, true) with { Mask = ReadOnlyMemory<byte>.Empty };
        Assert.Null(Make(style, format, tiles));
    }

    private static byte[]? Make(IRasterStyle style, StoredTileFormat format, StoredTile[] tiles) =>
        StyledTile.Make(style, format, tiles[4], [.. tiles.Where((_, i) => i != 4).Select(tile => TileEdges.Of(tile, format))], 5, 5, out _);

    private static StoredTile Store(Raster relief, int left, int top, TileCompression compression, bool hasMask)
    {
        using var tile = Raster.Rent(Side, Side, Heights);
        for (var y = 0; y < Side; y++)
        {
            relief.Pixels.Slice((((top + y) * relief.Width) + left) * 4, Side * 4).CopyTo(tile.Pixels[(y * Side * 4)..]);
            relief.Mask.Slice(((top + y) * relief.Width) + left, Side).CopyTo(tile.Mask[(y * Side)..]);
        }

        using var encoder = TileEncoder.Create(compression, Heights, Side, Side);
        using var masks = TileEncoder.Create(TileCompression.Zip, new PixelFormat(SampleType.UInt8, 1), Side, Side);
        return new StoredTile(encoder.Encode(tile.Pixels).ToArray(), hasMask ? masks.Encode(tile.Mask).ToArray() : default(ReadOnlyMemory<byte>?));
    }
}
