using System.Text.Json.Nodes;
using Grid.Cli.Lots;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Serving;

/// <summary>The error mode of the OGC's test suite, on a server with that setting.</summary>
public sealed class StrictErrorTests
{
    [Fact]
    public async Task Strict_server_answers_400_where_the_compatible_one_is_lenient()
    {
        await using var grid = await RunningGrid.StartAsync(new Dictionary<string, string> { ["Grid:Wmts:ErrorMode"] = "Strict" });
        using var producer = await GridProducer.OfAsync(grid);
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        OrthoLot.Generate(folder, 1, 1, 400, 0.2);
        var pyramid = await producer.BuildAsync(await producer.UploadAsync(folder, "lot"), "strict", new JsonObject { ["compression"] = "png" });
        await producer.PublishAsync(pyramid, "strict");
        Directory.Delete(folder, recursive: true);
        using var http = new HttpClient { BaseAddress = grid.Address };
        var tile = KvpTile.InTheMiddle(StoredPyramid.Read(grid, pyramid), "strict", "image/png");

        Assert.NotEmpty(await http.GetByteArrayAsync(tile.Address()));
        Assert.Equal((400, "TileOutOfRange", "TileRow"), Told(await ServiceError.GetAsync(http, tile.Address(("TILEROW", "0")))));
        Assert.Equal((400, "TileOutOfRange", "TileCol"), Told(await ServiceError.GetAsync(http, tile.Address(("TILECOL", "0")))));
        Assert.Equal((400, "InvalidParameterValue", "TileMatrix"), Told(await ServiceError.GetAsync(http, tile.Address(("TILEMATRIX", "21")))));
        Assert.Equal((400, "MissingParameterValue", "version"), Told(await ServiceError.GetAsync(http, tile.Address(("VERSION", null)))));
        Assert.Equal((400, "MissingParameterValue", "Style"), Told(await ServiceError.GetAsync(http, tile.Address(("STYLE", "")))));
    }

    private static (int, string?, string?) Told(ServiceError error) => (error.Status, error.Code, error.Locator);
}
