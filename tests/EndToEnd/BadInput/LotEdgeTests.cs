using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.BadInput;

/// <summary>Lots at the edge of what can be built: each ends, in a state that says what it is.</summary>
[Collection(SharedGrid.Collection)]
public sealed class LotEdgeTests(SharedGrid shared)
{
    private readonly Producer _producer = shared.Producer;

    [Theory]
    [InlineData(10)]
    [InlineData(1)]
    public async Task Raster_of_a_few_pixels_becomes_a_pyramid(int size)
    {
        var tiny = await new Dalle { Width = size, Height = size, Place = (700_000, 6_600_000 + (0.2 * size), 700_000 + (0.2 * size), 6_600_000) }
            .WriteAsync(shared.NewFolder(), "tiny.tif");
        var ending = await _producer.BuildAsync(await _producer.DepositAsync($"tiny {size}", "EPSG:2154", tiny), $"tiny_{size}");
        Assert.Equal("SUCCESS", ending.Status);
    }

    [Fact]
    public async Task Lot_on_tile_boundaries_has_its_tiles_and_no_other()
    {
        // Two tiles of level 18 of PM, to the pixel.
        const double Half = 20037508.3427892476320267;
        var cell = Half / 128 / (1 << 18);
        var west = (1000 * 256 * cell) - Half + (256 * cell * 131_072);
        var north = Half - (90_000 * 256 * cell);
        var lot = new Dalle { Width = 512, Height = 256, Crs = "EPSG:3857", Place = (west, north, west + (512 * cell), north - (256 * cell)) };
        var folder = shared.NewFolder();
        await lot.WriteAsync(folder, "aligned.tif");

        (await shared.Grid.DeliverAsync(folder, "aligned", "--compression", "png")).Expect();

        using var http = new HttpClient { BaseAddress = shared.Grid.Address };
        for (var col = -1; col <= 2; col++)
        {
            var tile = string.Create(CultureInfo.InvariantCulture, $"/tms/1.0.0/aligned/18/{132_072 + col}/90000.png");
            using var answer = await http.GetAsync(tile);
            Assert.True(col is 0 or 1 == answer.IsSuccessStatusCode, $"{tile}: {answer.StatusCode}");
        }
    }

    [Fact]
    public async Task Lot_across_the_180th_meridian_is_refused_by_name()
    {
        // UTM zone 60 south reaches past 180 degrees at this easting.
        var torn = await new Dalle { Crs = "EPSG:32760", Place = (810_000, 8_000_600, 840_000, 7_970_600) }.WriteAsync(shared.NewFolder(), "torn.tif");
        var ending = await _producer.BuildAsync(await _producer.DepositAsync("torn", "EPSG:32760", torn), "torn");
        Assert.Equal("FAILURE", ending.Status);
        Assert.Contains("180th meridian", ending.Error("torn.tif: it crosses a line"));
    }

    [Fact]
    public async Task Lot_outside_the_tile_matrix_set_is_refused_by_name()
    {
        var polar = await new Dalle { Crs = "EPSG:4326", Place = (10, 89, 10.01, 88.99) }.WriteAsync(shared.NewFolder(), "polar.tif");
        var ending = await _producer.BuildAsync(await _producer.DepositAsync("polar", "EPSG:4326", polar), "polar");
        Assert.Equal("FAILURE", ending.Status);
        Assert.Contains("choose another set", ending.Error("polar.tif: it lies, as the whole lot does, outside"));
    }

    [Fact]
    public async Task Lot_without_a_pixel_of_data_fails_with_the_reason()
    {
        var empty = await new Dalle { Values = [255, 255, 255], Nodata = 255 }.WriteAsync(shared.NewFolder(), "empty.tif");
        var ending = await _producer.BuildAsync(await _producer.DepositAsync("empty", "EPSG:2154", empty), "empty");
        Assert.Equal("FAILURE", ending.Status);
        ending.Error("no raster of the lot has a pixel of data");
    }

    [Fact]
    public async Task South_up_raster_gives_the_pixels_of_the_north_up_one()
    {
        var folder = shared.NewFolder();
        string north = Path.Combine(folder, "north.tif"), southFolder = shared.NewFolder(), south = Path.Combine(southFolder, "south.tif");
        (await Programs.RunAsync(Programs.Python, ["-c",
            """
            from osgeo import gdal, osr
            import sys, numpy
            crs = osr.SpatialReference(); crs.ImportFromEPSG(2154)
            rows, cols = numpy.mgrid[0:400, 0:400]
            bands = [(rows * 0.6).astype('u1'), (cols * 0.6).astype('u1'), ((rows // 50 + cols // 50) % 2 * 200 + 20).astype('u1')]
            for path, flip in ((sys.argv[1], False), (sys.argv[2], True)):
                d = gdal.GetDriverByName('GTiff').Create(path, 400, 400, 3, gdal.GDT_Byte, ['COMPRESS=DEFLATE'])
                d.SetProjection(crs.ExportToWkt())
                d.SetGeoTransform([700000, 0.2, 0, 6600000, 0, 0.2] if flip else [700000, 0.2, 0, 6600080, 0, -0.2])
                for i, b in enumerate(bands):
                    d.GetRasterBand(i + 1).WriteArray(b[::-1] if flip else b)
            """, north, south])).Expect();
        (await shared.Grid.DeliverAsync(folder, "north_up", "--compression", "png")).Expect();
        (await shared.Grid.DeliverAsync(southFolder, "south_up", "--compression", "png")).Expect();

        using var http = new HttpClient { BaseAddress = shared.Grid.Address };
        var seen = 0;
        foreach (var tile in await TilesAsync(http, "north_up"))
        {
            using var straight = await http.GetAsync($"/tms/1.0.0/north_up/{tile}.png");
            using var flipped = await http.GetAsync($"/tms/1.0.0/south_up/{tile}.png");
            Assert.Equal(straight.StatusCode, flipped.StatusCode);
            if (!straight.IsSuccessStatusCode)
                continue;
            Assert.Equal(await straight.Content.ReadAsByteArrayAsync(), await flipped.Content.ReadAsByteArrayAsync());
            seen++;
        }

        Assert.True(seen > 4, $"only {seen} tiles were compared");
    }

    // Level/column/row of all tiles within the finest levels' limits that the stored pyramid declares.
    private async Task<IEnumerable<string>> TilesAsync(HttpClient http, string name)
    {
        var stored = (await _producer.GetAsync($"stored_data?name={name}")).AsArray().Single()!;
        var box = (await _producer.GetAsync($"stored_data/{(string)stored["_id"]!}"))["type_infos"]!.AsObject();
        var levels = box["levels"]!.AsArray().Select(level => int.Parse((string)level!, CultureInfo.InvariantCulture)).Order().TakeLast(3);
        var description = await http.GetStringAsync($"/tms/1.0.0/{name}/metadata.json");
        var bounds = JsonNode.Parse(description)!["bounds"]!;
        var degrees = (bounds is JsonArray array ? array.Select(value => (double)value!) : ((string)bounds!).Split(',').Select(value => double.Parse(value, CultureInfo.InvariantCulture))).ToArray();
        return levels.SelectMany(level =>
        {
            double side = 1L << level;
            int Col(double lon) => (int)((lon + 180) / 360 * side);
            int Row(double lat) => (int)((1 - (Math.Asinh(Math.Tan(lat * Math.PI / 180)) / Math.PI)) / 2 * side);
            return from col in Enumerable.Range(Col(degrees[0]), Col(degrees[2]) - Col(degrees[0]) + 1)
                   from row in Enumerable.Range(Row(degrees[3]), Row(degrees[1]) - Row(degrees[3]) + 1)
                   select $"{level}/{col}/{row}";
        });
    }
}
