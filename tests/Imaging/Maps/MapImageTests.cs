using System.Runtime.InteropServices;
using Grid.Imaging.Codecs;
using Grid.Imaging.Maps;
using Grid.Imaging.Tests.Gdal;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Maps;

/// <summary>Written maps as GDAL reads them.</summary>
public sealed class MapImageTests
{
    private static readonly MapFrame Frame = new("EPSG:2975", new Extent(340_000, 7_640_000, 340_300, 7_640_200), 301, 201);

    [Theory]
    [InlineData(MapFormat.Png, 1)]
    [InlineData(MapFormat.Png, 2)]
    [InlineData(MapFormat.Png, 3)]
    [InlineData(MapFormat.Png, 4)]
    [InlineData(MapFormat.Tiff, 4)]
    [InlineData(MapFormat.GeoTiff, 1)]
    [InlineData(MapFormat.GeoTiff, 3)]
    public void Lossless_forms_have_the_pixels(MapFormat format, int channels)
    {
        using var map = Pictures.Waves(301, 201, new PixelFormat(SampleType.UInt8, channels));
        Assert.Equal(map.Pixels.ToArray(), Read(MapImage.Write(map, Frame, new MapOutput(format), null)));
    }

    [Theory]
    [InlineData(MapFormat.Jpeg, 1)]
    [InlineData(MapFormat.Jpeg, 3)]
    [InlineData(MapFormat.WebP, 3)]
    [InlineData(MapFormat.WebP, 4)]
    public void Lossy_forms_are_near_them_and_obey_their_quality(MapFormat format, int channels)
    {
        using var map = Pictures.Waves(301, 201, new PixelFormat(SampleType.UInt8, channels));
        var fine = MapImage.Write(map, Frame, new MapOutput(format, 95), null);
        var read = Read(fine);
        double sum = 0;
        for (var i = 0; i < read.Length; i++)
            sum += Math.Abs(read[i] - map.Pixels[i]);
        Assert.InRange(sum / read.Length, 0, 5);
        Assert.True(MapImage.Write(map, Frame, new MapOutput(format, 20), null).Length < fine.Length * 3 / 4);
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("lzw")]
    [InlineData("deflate")]
    [InlineData("packbits")]
    public void GeoTiffs_of_values_have_place_nodata_and_compression(string compression)
    {
        using var map = Pictures.Waves(301, 201, new PixelFormat(SampleType.Float32, 1));
        using var folder = new RasterFolder();
        File.WriteAllBytes(folder.File("map.tif"), MapImage.Write(map, Frame, new MapOutput(MapFormat.GeoTiff, 75, compression), -99999));
        var info = GdalTool.Run("gdalinfo", folder.File("map.tif"));
        Assert.Contains("ID[\"EPSG\",2975]", info);
        Assert.Contains("NoData Value=-99999", info);
        Assert.Contains("Origin = (340000.000000000000000,7640200.000000000000000)", info);
        Assert.Equal(compression != "raw", info.Contains("COMPRESSION=" + compression.ToUpperInvariant(), StringComparison.Ordinal));
        Assert.Equal(map.Pixels.ToArray(), GdalTool.Samples(folder.File("map.tif")));
    }

    [Fact]
    public void Bil_and_ascii_grid_have_the_values()
    {
        using var map = Pictures.Waves(301, 201, new PixelFormat(SampleType.Float32, 1));
        Assert.Equal(map.Pixels.ToArray(), MapImage.Write(map, Frame, new MapOutput(MapFormat.Bil), -99999));
        using var folder = new RasterFolder();
        File.WriteAllBytes(folder.File("map.asc"), MapImage.Write(map, Frame, new MapOutput(MapFormat.AsciiGrid), -99999));
        Assert.Contains("NoData Value=-99999", GdalTool.Run("gdalinfo", folder.File("map.asc")));
        var read = MemoryMarshal.Cast<byte, float>(GdalTool.Samples(folder.File("map.asc")));
        var values = MemoryMarshal.Cast<byte, float>(map.Pixels);
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(values[i], read[i], 0.001f);
    }

    [Fact]
    public void Values_are_no_picture_and_colours_no_grid()
    {
        using var values = Pictures.Waves(8, 8, new PixelFormat(SampleType.Float32, 1));
        Assert.Contains("style", Assert.Throws<MapFormatException>(() => MapImage.Write(values, Frame, new MapOutput(MapFormat.Png), null)).Message);
        using var colours = Pictures.Waves(8, 8, new PixelFormat(SampleType.UInt8, 3));
        Assert.Throws<MapFormatException>(() => MapImage.Write(colours, Frame, new MapOutput(MapFormat.Bil), null));
    }

    /// <summary>White of JPEG's nodata counts as no data where whole blocks are white, and beside them; a white roof stays.</summary>
    [Fact]
    public void White_roofs_are_data_and_white_margins_are_none()
    {
        const int Side = 64;
        var pixels = new byte[Side * Side * 3];
        var mask = new byte[Side * Side];
        pixels.AsSpan().Fill(120);
        Fill(0, 0, 20, Side);
        Fill(40, 40, 8, 8);
        Assert.True(TileMask.TryFind(pixels, Side, Side, [255, 255, 255], TileCompression.Jpeg90, mask));
        Assert.Equal(20 * Side, mask.Count((byte)0));
        Assert.Equal(255, mask[(44 * Side) + 44]);
        Assert.Equal(0, mask[(5 * Side) + 19]);
        Assert.Equal(255, mask[(5 * Side) + 20]);

        void Fill(int left, int top, int width, int height)
        {
            for (var y = top; y < top + height; y++)
                pixels.AsSpan(((y * Side) + left) * 3, width * 3).Fill(254);
        }
    }

    private static byte[] Read(byte[] picture)
    {
        using var folder = new RasterFolder();
        File.WriteAllBytes(folder.File("map"), picture);
        return GdalTool.Samples(folder.File("map"));
    }
}
