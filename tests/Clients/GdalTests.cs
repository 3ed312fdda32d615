using Grid.Fixtures;

namespace Grid.Clients.Tests;

/// <summary>GDAL as a client: its WMTS driver and its description of the TMS give the lot's own pixels at the right place.</summary>
[Collection("clients")]
public sealed class GdalTests(PublishedOrtho ortho)
{
    [Theory]
    [InlineData(PublishedOrtho.Png, 0.6)]
    [InlineData(PublishedOrtho.Jpeg, 2.0)]
    public async Task Wmts_driver_reads_the_pixels_of_the_lot(string layer, double tolerance)
    {
        var info = (await Programs.RunAsync("gdalinfo", ["--config", "GDAL_ENABLE_WMS_CACHE", "NO", $"WMTS:{ortho.Capabilities},layer={layer}"])).Expect();
        Assert.Contains("ID[\"EPSG\",3857]", info);
        Assert.Contains("Pixel Size = (0.2985821417", info);

        var compared = await PublishedOrtho.ScriptAsync("gdal_layer.py", $"WMTS:{ortho.Capabilities},layer={layer}", ortho.Lot);
        Assert.True((double)compared["difference"]! < tolerance, compared.ToJsonString());
    }

    [Theory]
    [InlineData(PublishedOrtho.Png, 0.6)]
    [InlineData(PublishedOrtho.Jpeg, 2.0)]
    public async Task Gdal_description_of_the_Tms_reads_the_pixels_of_the_lot(string layer, double tolerance)
    {
        var compared = await PublishedOrtho.ScriptAsync("gdal_layer.py", $"/vsicurl/{ortho.Root}/tms/1.0.0/{layer}/gdal.xml", ortho.Lot);
        Assert.True((double)compared["difference"]! < tolerance, compared.ToJsonString());
        Assert.True((double)compared["overview_difference"]! < tolerance, compared.ToJsonString());
    }

    [Fact]
    public async Task Translate_cuts_a_window_out_of_the_layer()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("grid-window-").FullName, "window.tif");
        (await Programs.RunAsync("gdal_translate", [
            "-q", "--config", "GDAL_ENABLE_WMS_CACHE", "NO", "-b", "1", "-b", "2", "-b", "3", "-projwin", "258200", "6262450", "258260", "6262390",
            $"WMTS:{ortho.Capabilities},layer={PublishedOrtho.Png}", file])).Expect();
        var info = (await Programs.RunAsync("gdalinfo", ["-stats", file])).Expect();
        Assert.Contains("Size is 201, 201", info);
        Assert.DoesNotContain("STATISTICS_STDDEV=0\n", info);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }
}
