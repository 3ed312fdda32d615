using Grid.Cli.Demo;
using Grid.Cli.Lots;
using Grid.Cli.Producer;
using Grid.Fixtures;

namespace Grid.Frontend.Tests.Delivery;

public sealed class LotReadingTests
{
    [Fact]
    public void Crs_of_a_generated_dalle_is_read_from_its_GeoKeys()
    {
        var folder = Directory.CreateTempSubdirectory("grid-lot-");
        var file = OrthoLot.Generate(folder.FullName, 1, 1, 64, 0.2)[0];
        Assert.Equal("EPSG:2154", GeoTiffCrs.Read(file));
        folder.Delete(recursive: true);
    }

    [RealDataFact]
    public void No_real_TIFF_makes_the_reader_of_the_crs_fail()
    {
        var files = Directory.EnumerateFiles(RealData.PathOf("raster"), "*.tif*", SearchOption.AllDirectories).ToList();
        var codes = files.Select(GeoTiffCrs.Read).ToList();
        Assert.Contains(codes, code => code is not null);
        Assert.All(codes, code => Assert.Matches("^$|^EPSG:[0-9]+$", code ?? ""));
    }

    [Theory]
    [InlineData("vexin 2024", null, "vexin_2024")]
    [InlineData("2024 été", null, "_2024_t_")]
    [InlineData("ortho", "ign_", "ign_ortho")]
    [InlineData("ign_ortho", "ign_", "ign_ortho")]
    public void Layer_name_is_one_that_the_api_accepts(string name, string? prefix, string expected) =>
        Assert.Equal(expected, PublishStep.LayerName(name, prefix));

    [Fact]
    public void Picture_without_its_end_is_no_tile()
    {
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 1, 0, 1, 0, 1, 1, 0x11, 0, 0xFF, 0xD9];
        Assert.Equal((256, 256), TileCheck.SizeOf(jpeg));
        Assert.Null(TileCheck.SizeOf(jpeg.AsSpan(0, jpeg.Length - 2)));
        Assert.Null(TileCheck.SizeOf("<html>"u8));
    }
}
