using Grid.Cli.Api;
using Grid.Cli.Demands;
using Grid.Cli.Pyramids;
using Grid.Fixtures;
using Grid.Tiling;

namespace Grid.EndToEnd.Tests.Imports;

/// <summary>What logs and geometries mean in tiles, counted by hand and by GDAL; and layer files of pyramids.</summary>
[Collection("grid")]
public sealed class TileDemandTests(SharedGrid shared)
{
    private static readonly TileMatrixSet _pm = TileMatrixSets.Find("PM")!;

    [Fact]
    public void Requests_of_a_log_are_tiles_when_they_ask_for_some_of_the_set()
    {
        const string Log = """
            10.0.0.1 - - [21/Nov/2026:10:00:00 +0000] "GET /wmts?SERVICE=WMTS&REQUEST=GetTile&LAYER=ortho&TILEMATRIXSET=PM_0_19&TILEMATRIX=14&TILECOL=8297&TILEROW=5633&FORMAT=image%2Fpng HTTP/1.1" 200 23000
            https://example.org/wmts?layer=Ortho&tilematrixset=PM&tilematrix=14&tilecol=8298&tilerow=5633
            LAYER=ortho&TILEMATRIXSET=PM&TILEMATRIX=15&TILECOL=16596&TILEROW=11266
            LAYER=scan&TILEMATRIXSET=PM&TILEMATRIX=14&TILECOL=8298&TILEROW=5634
            LAYER=ortho&TILEMATRIXSET=LAMB93_10cm&TILEMATRIX=14&TILECOL=1&TILEROW=1
            LAYER=ortho&TILEMATRIXSET=PM&TILEMATRIX=99&TILECOL=1&TILEROW=1
            LAYER=ortho&TILEMATRIXSET=PM&TILEMATRIX=14&TILECOL=east&TILEROW=1
            GET /tms/1.0.0/ortho/14/8297/5633.png
            """;
        IReadOnlyList<string> Tiles(string[] levels, string[] layers) =>
            [.. new LoggedTiles(_pm, levels, layers).Read(new StringReader(Log)).Select(tile => $"{tile.Matrix.Id}/{tile.Col}/{tile.Row}")];
        Assert.Equal(["14/8297/5633", "14/8298/5633", "15/16596/11266", "14/8298/5634"], Tiles([], []));
        Assert.Equal(["14/8297/5633", "14/8298/5633"], Tiles(["14"], ["ortho"]));
    }

    [Fact]
    public async Task Heat_map_has_a_pixel_a_tile_where_gdal_looks_for_it()
    {
        var level = _pm.Find("14")!;
        var map = HeatMap.OfTiles(level, level.TileExtent(8290, 5630, 10, 8).Grow(-1));
        (long Col, long Row)[] asked = [(8297, 5633), (8297, 5633), (8297, 5633), (8290, 5630), (8299, 5637), (9000, 9000)];
        foreach (var (col, row) in asked)
            map.Add(new TileIndex(level, col, row).Centre);
        var folder = Directory.CreateTempSubdirectory("grid-heat-").FullName;
        var file = Path.Combine(folder, "heat.tif");
        await using (var target = File.Create(file))
            map.Write(target, Crs.Parse(_pm.Crs));

        var info = (await Programs.RunAsync("gdalinfo", [file])).Expect();
        Assert.Contains("Size is 10, 8", info);
        Assert.Contains("ID[\"EPSG\",3857]", info);
        Assert.Contains("Type=UInt32", info);
        Assert.Contains("NoData Value=0", info);
        foreach (var (col, row, count) in ((long, long, string)[])[(8297, 5633, "3"), (8290, 5630, "1"), (8299, 5637, "1"), (8298, 5633, "0")])
        {
            var (x, y) = new TileIndex(level, col, row).Centre;
            var value = (await Programs.RunAsync("gdallocationinfo", ["-valonly", "-geoloc", file, $"{x:R}", $"{y:R}"])).Expect().Trim();
            Assert.Equal(count, value);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("WKT", "POLYGON((260000 6250000, 275000 6250000, 260000 6262000, 260000 6250000))")]
    [InlineData("GeoJSON", """{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[260000,6250000],[275000,6250000],[260000,6262000],[260000,6250000]]]}}""")]
    public void Tiles_of_a_triangle_are_those_that_it_touches(string format, string text)
    {
        var level = _pm.Find("14")!;
        var touched = TouchedTiles.Of(new StringReader(text), format, level).Select(tile => (tile.Col, tile.Row)).ToHashSet();
        // Below the long side, x/15 + y/12 ≤ 1 in kilometres from the right angle: of each tile the corner nearest to that decides.
        var box = level.TilesOf(new Extent(260_000, 6_250_000, 275_000, 6_262_000).Grow(3000))!.Value;
        for (var row = box.MinRow; row <= box.MaxRow; row++)
        {
            for (var col = box.MinCol; col <= box.MaxCol; col++)
            {
                var tile = level.TileExtent(col, row);
                double x = Math.Max(0, tile.MinX - 260_000), y = Math.Max(0, tile.MinY - 6_250_000);
                var isTouched = tile.MaxX >= 260_000 && tile.MaxY >= 6_250_000 && (x / 15_000) + (y / 12_000) <= 1;
                Assert.Equal(isTouched, touched.Contains((col, row)));
            }
        }

        Assert.InRange(touched.Count, 20, 60);
        Assert.Throws<DeliveryException>(() => TouchedTiles.Of(new StringReader("POLYGON((1 2"), "WKT", level).Count());
    }

    [Fact]
    public void Layer_file_names_the_pyramids_and_their_levels()
    {
        var pyramid = StoredPyramid.Read(shared.Grid, shared.Pyramid);
        var descriptor = Path.Combine(pyramid.Folder, pyramid.Name + ".json");

        var layer = LayerFile.Make([$"{descriptor}>19>12", $"{descriptor}>11>3"], "ortho", "Ortho", null, [], null);

        Assert.Equal(("Ortho", "ortho", "bicubic"), ((string?)layer["title"], (string?)layer["abstract"], (string?)layer["resampling"]));
        Assert.Equal(
            [("19", "12", descriptor), ("11", "3", descriptor)],
            layer["pyramids"]!.AsArray().Select(one => ((string)one!["bottom_level"]!, (string)one["top_level"]!, (string)one["path"]!)));
        Assert.Equal(["normal"], layer["styles"]!.AsArray().Select(style => (string?)style));
        Assert.Contains("two pyramids", Assert.Throws<DeliveryException>(() => LayerFile.Make([descriptor, descriptor], "ortho", null, null, [], null)).Message);
        Assert.Contains("ortho 1", Assert.Throws<DeliveryException>(() => LayerFile.Make([descriptor], "ortho 1", null, null, [], null)).Message);
    }
}
