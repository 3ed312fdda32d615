using Grid.Fixtures;

namespace Grid.Tiling.Tests;

public class TileMatrixSetsTests
{
    [RealDataFact]
    public void Every_published_set_is_computed_as_its_file_has_it()
    {
        var files = Directory.GetFiles(RealData.PathOf("raster/tilematrixsets"), "*.json");
        Assert.Equal(files.Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal), TileMatrixSets.All.Select(set => set.Id));
        foreach (var file in files)
        {
            var published = TileMatrixSetJson.Read(File.ReadAllBytes(file), Path.GetFileNameWithoutExtension(file));
            var computed = TileMatrixSets.Find(published.Id);
            Assert.NotNull(computed);
            Assert.Equal(published.Crs, computed.Crs);
            Assert.Equal(published.Matrices.Count, computed.Matrices.Count);
            foreach (var (expected, actual) in published.Matrices.Zip(computed.Matrices))
            {
                Assert.Equal(expected with { CellSize = 0, OriginX = 0, OriginY = 0 }, actual with { CellSize = 0, OriginX = 0, OriginY = 0 });
                Assert.InRange(actual.CellSize / expected.CellSize, 1 - 1e-9, 1 + 1e-9);
                Assert.Equal(expected.OriginX, actual.OriginX, 1e-9);
                Assert.Equal(expected.OriginY, actual.OriginY, 1e-9);
            }
        }
    }

    [RealDataFact]
    public void Scale_denominators_are_the_published_ones_but_for_the_one_known_to_be_wrong()
    {
        foreach (var file in Directory.GetFiles(RealData.PathOf("raster/tilematrixsets"), "*.json"))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(file));
            var set = TileMatrixSets.Find(name)!;
            foreach (var published in json.RootElement.GetProperty("tileMatrices").EnumerateArray())
            {
                var level = published.GetProperty("id").GetString()!;
                if (name is "RGR92UTM40S_50cm" or "2975_50cm" && level == "18")
                    continue;
                // Geographic files take a metre-per-degree figure that differs in the eighth digit.
                Assert.InRange(set.ScaleDenominatorOf(set.Find(level)!) / published.GetProperty("scaleDenominator").GetDouble(), 1 - 2e-8, 1 + 2e-8);
            }
        }
    }

    [Theory]
    [InlineData("PM", true)]
    [InlineData("LAMB93_10cm", true)]
    [InlineData("2154_50cm_MNT", true)]
    [InlineData("4326", true)]
    [InlineData("LAMB93_1M_MNT", false)]
    [InlineData("LAMB93", false)]
    public void Quad_trees_are_told_from_the_others(string id, bool expected) => Assert.Equal(expected, TileMatrixSets.Find(id)!.IsQuadTree);

    [Fact]
    public void Identifiers_written_inside_files_find_the_set_too()
    {
        Assert.Same(TileMatrixSets.Find("2154_1M_MNT"), TileMatrixSets.Find("EPSG2154_1m_MNT"));
        Assert.Same(TileMatrixSets.Find("PM"), TileMatrixSets.Find("PM.json"));
        Assert.Null(TileMatrixSets.Find("pm"));
    }

    [Theory]
    [InlineData("LAMB93_10cm", 0.2, "20")]
    [InlineData("LAMB93_10cm", 0.199999, "20")]
    [InlineData("LAMB93_10cm", 0.19, "21")]
    [InlineData("LAMB93_10cm", 0.25, "20")]
    [InlineData("LAMB93_10cm", 0.01, "21")]
    [InlineData("PM", 0.2887, "20")]
    [InlineData("PM", 0.29858214173897, "19")]
    [InlineData("PM", 1e9, "0")]
    public void Level_chosen_is_the_coarsest_at_least_as_fine(string set, double resolution, string level) =>
        Assert.Equal(level, TileMatrixSets.Find(set)!.ForResolution(resolution).Id);

    [Fact]
    public void Set_written_as_json_is_read_back_equal()
    {
        foreach (var set in TileMatrixSets.All)
        {
            var read = TileMatrixSetJson.Read(TileMatrixSetJson.Write(set));
            Assert.Equal(set.Id, read.Id);
            Assert.Equal(set.Crs, read.Crs);
            Assert.Equal(set.Matrices, read.Matrices);
        }
    }

    [Fact]
    public void Ogc_set_with_latitude_first_is_read_longitude_first()
    {
        var set = TileMatrixSetJson.Read("""
            {"id":"WorldGeodetic","crs":{"uri":"http://www.opengis.net/def/crs/EPSG/0/4326"},"orderedAxes":["Lat","Lon"],"tileMatrices":[
             {"id":"1","cellSize":0.3515625,"scaleDenominator":1,"cornerOfOrigin":"topLeft","pointOfOrigin":[90,-180],"tileWidth":256,"tileHeight":256,"matrixWidth":4,"matrixHeight":2},
             {"id":"0","cellSize":0.703125,"scaleDenominator":1,"pointOfOrigin":[90,-180],"tileWidth":256,"tileHeight":256,"matrixWidth":2,"matrixHeight":1}]}
            """u8.ToArray());
        Assert.Equal("EPSG:4326", set.Crs);
        Assert.Equal(["0", "1"], set.Matrices.Select(matrix => matrix.Id));
        Assert.Equal((-180, 90), (set.Matrices[0].OriginX, set.Matrices[0].OriginY));
    }

    [Theory]
    [InlineData("nonsense", "not JSON")]
    [InlineData("""{"id":"x"}""", "crs is missing")]
    [InlineData("""{"id":"x","crs":"here","tileMatrices":[]}""", "not a CRS name")]
    [InlineData("""{"id":"x","crs":"EPSG:3857","tileMatrices":[]}""", "1 to 64")]
    [InlineData("""{"id":"x","crs":"EPSG:3857","tileMatrices":[{"id":"0","cellSize":0,"pointOfOrigin":[0,0]}]}""", "cellSize 0 is not above 0")]
    [InlineData("""{"id":"x","crs":"EPSG:3857","tileMatrices":[{"id":"0","cellSize":1,"pointOfOrigin":[0,0],"matrixWidth":1.5}]}""", "matrixWidth is 1.5")]
    public void Set_that_cannot_be_used_is_refused_with_the_reason(string json, string reason)
    {
        var error = Assert.Throws<InvalidTileMatrixSetException>(() => TileMatrixSetJson.Read(System.Text.Encoding.UTF8.GetBytes(json)));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tiles_of_an_extent_leave_out_edges_that_only_touch()
    {
        var matrix = TileMatrixSets.Find("LAMB93_10cm")!.Find("21")!;
        var block = matrix.TileExtent(35000, 200000, 16, 16);
        Assert.Equal(new TileLimits(200000, 200015, 35000, 35015), matrix.TilesOf(block));
        Assert.Equal(new SlabLimits(2187, 12500, 2188, 12500), SlabSize.Default.SlabsOf(matrix, block));
        Assert.Null(matrix.TilesOf(new Extent(-500, 0, -100, 100)));
    }

    [Fact]
    public void Parents_cover_their_children()
    {
        var slab = new SlabIndex("10", 7, 12);
        for (var quadrant = 0; quadrant < 4; quadrant++)
            Assert.Equal(slab, slab.Child("11", quadrant).Parent("10"));
        Assert.Equal(new SlabIndex("11", 15, 24), slab.Child("11", 1));
        Assert.Equal(new SlabIndex("11", 14, 25), slab.Child("11", 2));
        Assert.Equal(new SlabLimits(1, 1, 3, 2), new SlabLimits(3, 2, 6, 5).Parent());
        Assert.Equal(4, new SlabLimits(0, 0, 1, 1).Slabs("3").Distinct().Count());
    }
}
