using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Grid.EndToEnd.Tests.BadInput;

/// <summary>Nothing that a producer delivers makes the host read another file or ask another address.</summary>
[Collection(SharedGrid.Collection)]
public sealed class SideFileTests(SharedGrid shared)
{
    private readonly Producer _producer = shared.Producer;

    [Fact]
    public async Task Side_files_make_the_host_call_no_address()
    {
        using var trap = new TcpListener(IPAddress.Loopback, 0);
        trap.Start();
        var address = $"/vsicurl/http://127.0.0.1:{((IPEndPoint)trap.LocalEndpoint).Port}/trap.tif";
        var folder = shared.NewFolder();
        var dalle = await new Dalle { Options = ["COMPRESS=DEFLATE"] }.WriteAsync(folder, "dalle.tif");
        var upload = await _producer.DepositAsync("side files", "EPSG:2154", dalle);
        await DeliverTextAsync(upload, "dalle.tif.aux.xml",
            $"<PAMDataset><Metadata domain=\"OVERVIEWS\"><MDI key=\"OVERVIEW_FILE\">{address}</MDI></Metadata><Metadata domain=\"SUBDATASETS\"><MDI key=\"SUBDATASET_1_NAME\">{address}</MDI></Metadata></PAMDataset>");
        await DeliverTextAsync(upload, "dalle.tif.ovr", Vrt(address));
        await DeliverTextAsync(upload, "dalle.tif.msk", Vrt(address));
        await DeliverTextAsync(upload, "dalle.vrt", Vrt(address));
        await DeliverTextAsync(upload, "dalle.tfw", "0.2\n0\n0\n-0.2\n700000.1\n6600059.9\n");
        await DeliverTextAsync(upload, "pointer.tif", Vrt(address));

        var ending = await _producer.CheckAsync(upload);

        Assert.Equal("UNSTABLE", ending.Status);
        Assert.Contains("deliver those rasters themselves", ending.Error("pointer.tif: it is a VRT"));
        Assert.Single(ending.Log, line => line.Contains("ERROR||", StringComparison.Ordinal) && line.Contains(".tif: ", StringComparison.Ordinal));

        // Without the file that is refused the lot is sound, and its build asks nobody either.
        Producer.Succeeded(await _producer.PostAsync($"uploads/{upload}/open"));
        Producer.Succeeded(await _producer.SendAsync(HttpMethod.Delete, $"uploads/{upload}/data?path=pointer.tif"));
        Assert.Equal("SUCCESS", (await _producer.BuildAsync(upload, "side_files")).Status);
        Assert.False(trap.Pending(), "something was asked of the address in a side file");
    }

    [Fact]
    public async Task Overviews_named_inside_a_tiff_are_not_followed()
    {
        using var trap = new TcpListener(IPAddress.Loopback, 0);
        trap.Start();
        var address = $"/vsicurl/http://127.0.0.1:{((IPEndPoint)trap.LocalEndpoint).Port}/trap.tif";
        var path = Path.Combine(shared.NewFolder(), "inside.tif");
        (await Fixtures.Programs.RunAsync(Fixtures.Programs.Python, ["-c",
            "from osgeo import gdal, osr; import sys\n"
            + "d = gdal.GetDriverByName('GTiff').Create(sys.argv[1], 200, 200, 3, gdal.GDT_Byte)\n"
            + "s = osr.SpatialReference(); s.ImportFromEPSG(2154); d.SetProjection(s.ExportToWkt())\n"
            + "d.SetGeoTransform([700000, 0.2, 0, 6600040, 0, -0.2])\n"
            + "[d.GetRasterBand(i).Fill(40 * i) for i in (1, 2, 3)]\n"
            + "d.SetMetadataItem('OVERVIEW_FILE', sys.argv[2], 'OVERVIEWS')", path, address])).Expect();
        Assert.Contains("trap.tif", Encoding.Latin1.GetString(await File.ReadAllBytesAsync(path)), StringComparison.Ordinal);
        Assert.Equal("SUCCESS", (await _producer.BuildAsync(await _producer.DepositAsync("inside", "EPSG:2154", path), "inside")).Status);
        Assert.False(trap.Pending(), "the address inside the TIFF was asked");
    }

    [Theory]
    [InlineData("../escaped.tif")]
    [InlineData("a/../../escaped.tif")]
    [InlineData("/etc/escaped.tif")]
    [InlineData("a\\..\\escaped.tif")]
    [InlineData("a//escaped.tif")]
    [InlineData("C:/escaped.tif")]
    [InlineData("%2e%2e/escaped.tif\n")]
    [InlineData("..")]
    public async Task Path_that_leaves_the_upload_is_refused(string path)
    {
        var upload = await _producer.OpenUploadAsync("traversal");
        var answer = await _producer.DeliverAsync(upload, path, [1, 2, 3]);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains("path=", answer.Error);
        Assert.Empty(Directory.EnumerateFiles(shared.Grid.Data, "escaped.tif*", SearchOption.AllDirectories));
    }

    private static string Vrt(string address) =>
        $"<VRTDataset rasterXSize=\"150\" rasterYSize=\"150\"><VRTRasterBand dataType=\"Byte\" band=\"1\"><SimpleSource><SourceFilename>{address}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>";

    private async Task DeliverTextAsync(string upload, string path, string text) =>
        Producer.Succeeded(await _producer.DeliverAsync(upload, path, Encoding.UTF8.GetBytes(text)));
}
