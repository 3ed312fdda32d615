using System.Globalization;
using Grid.Ogc.Ows;
using Grid.Ogc.Tms;
using Grid.Ogc.Wmts;

namespace Grid.Ogc.Tests;

/// <summary>GDAL, given our documents and a place on the ground, must ask for the very tile that covers it.</summary>
public class GdalRequestsTests
{
    private const long Col = 265400;
    private const long Row = 180300;

    [Fact]
    public async Task Gdal_asks_a_tms_for_the_tile_of_a_place_counting_rows_from_the_top()
    {
        await using var server = new TileRequestRecorder();
        using var folder = new TemporaryFolder();
        var file = folder.Write("gdal.xml", GdalDescription.Write(Samples.Ortho, LayerStyle.Normal, server.Root + "/tms")!);
        await ReadPlaceAsync(file, folder);
        Assert.NotEmpty(server.Asked);
        foreach (var asked in server.Asked)
        {
            var request = TmsPath.Parse(Uri.UnescapeDataString(asked).AsSpan("/tms".Length), Samples.Catalogue);
            Assert.Equal((TmsResource.Tile, "19", Col, Row), (request.Resource, request.Tile.Level?.Id, request.Tile.Col, request.Tile.Row));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Gdal_asks_a_wmts_for_the_tile_of_a_place(bool rest)
    {
        await using var server = new TileRequestRecorder();
        using var folder = new TemporaryFolder();
        var addresses = new WmtsAddresses(server.Root + "/wmts", rest ? server.Root + "/wmts/1.0.0" : null);
        var file = folder.Write("capabilities.xml", WmtsCapabilities.Write(Samples.Service, Samples.Catalogue, addresses));
        await ReadPlaceAsync($"WMTS:{file},layer={Samples.Ortho.Name}", folder);
        Assert.NotEmpty(server.Asked);
        foreach (var asked in server.Asked)
        {
            WmtsRequest? request;
            OwsError? error;
            var valid = rest
                ? WmtsRest.TryParse(Uri.UnescapeDataString(asked).AsSpan("/wmts".Length), Samples.Catalogue, out request, out error)
                : WmtsKvp.TryParse(KvpParameters.Parse(asked.AsSpan("/wmts".Length)), Samples.Catalogue, WmtsErrorMode.Strict, out request, out error);
            Assert.True(valid, $"{asked}: {error?.Text}");
            var tile = Assert.IsType<GetTile>(request).Tile;
            Assert.Equal(("19", Col, Row), (tile.Level.Id, tile.Col, tile.Row));
        }
    }

    /// <summary>Reads the inside of one tile at full resolution; whether pixels come does not matter here.</summary>
    private static Task ReadPlaceAsync(string dataset, TemporaryFolder folder)
    {
        var matrix = Samples.Ortho.Levels[^1].Matrix;
        var place = matrix.TileExtent(Col, Row).Grow(-10 * matrix.CellSize);
        return Judge.RunAsync(
            "gdal_translate", "-q", "--config", "GDAL_DEFAULT_WMS_CACHE_PATH", Path.Combine(folder.Path, "cache"), "-projwin", Number(place.MinX), Number(place.MaxY),
            Number(place.MaxX), Number(place.MinY), dataset, Path.Combine(folder.Path, "place.tif"));
    }

    private static string Number(double number) => number.ToString(CultureInfo.InvariantCulture);
}
