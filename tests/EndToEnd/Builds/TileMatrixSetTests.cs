using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>Pyramids in sets other than web mercator: the tiles of the finest level are GDAL's warp of the lot, placed by the set's own numbers.</summary>
[Collection("grid")]
public sealed class TileMatrixSetTests(SharedGrid shared)
{
    [Theory]
    [InlineData("LAMB93_10cm", "0", "20", "EPSG:2154", 0.2, 0.0, 12000000.0)]
    [InlineData("LAMB93_IGNF", "0", "19", "EPSG:2154", 0.1993716073, 0.0, 12000000.0)]
    [InlineData("4326", "0", "18", "EPSG:4326", 0.703125 / 262144, -180.0, 90.0)]
    public async Task Tiles_of_other_sets_are_the_warped_lot(string set, string top, string bottom, string crs, double cell, double originX, double originY)
    {
        var layer = $"ortho_in_{set}";
        var storedData = await shared.Producer.BuildAsync(shared.Upload, layer, new JsonObject { ["compression"] = "png", ["tms"] = set, ["top"] = top, ["bottom"] = bottom });
        await shared.Producer.PublishAsync(storedData, layer);
        var pyramid = StoredPyramid.Read(shared.Grid, storedData);
        var tile = KvpTile.InTheMiddle(pyramid, layer, "image/png");
        var (west, north) = (originX + (tile.Col * 256 * cell), originY - (tile.Row * 256 * cell));
        var folder = Directory.CreateTempSubdirectory("grid-tile-").FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "tile.png"), await shared.Http.GetByteArrayAsync(tile.Address()));
        var difference = await DifferenceAsync(Path.Combine(folder, "tile.png"), shared.Lot, crs, west, north - (256 * cell), west + (256 * cell), north);
        Assert.True(difference < 0.6, $"{difference} grey levels");

        // Every level has tiles, in the set's own numbers and under its restricted name.
        foreach (var level in pyramid.Levels)
            Assert.NotEmpty(await AnyTileAsync(pyramid, layer, level));
        Assert.Contains($"<ows:Identifier>{set}_{pyramid.Levels[0]}_{bottom}</ows:Identifier>", await shared.Http.GetStringAsync("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities"));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Nearest_neighbour_levels_of_a_set_that_does_not_halve_hold_values_of_the_source()
    {
        // Level 7 of the set has 5 metres, level 8 one metre: each pixel above is one node below.
        var folder = Directory.CreateTempSubdirectory("grid-dem-").FullName;
        (await Programs.RunAsync(Programs.Python, ["-c", """
            import sys
            import numpy as np
            from osgeo import gdal, osr
            heights = (np.arange(600)[:, None] * 1000 + np.arange(600)[None, :]).astype(np.float32)
            dem = gdal.GetDriverByName("GTiff").Create(sys.argv[1], 600, 600, 1, gdal.GDT_Float32)
            dem.SetGeoTransform((649999.5, 1, 0, 6870000.5, 0, -1))
            crs = osr.SpatialReference()
            crs.ImportFromEPSG(2154)
            dem.SetProjection(crs.ExportToWkt())
            dem.GetRasterBand(1).SetNoDataValue(-99999)
            dem.GetRasterBand(1).WriteArray(heights)
            """, Path.Combine(folder, "dem.tif")])).Expect();
        var storedData = await shared.Producer.BuildAsync(
            await shared.Producer.UploadAsync(folder, "nodes"), "nodes",
            new JsonObject { ["compression"] = "raw", ["tms"] = "LAMB93_1M_MNT", ["interpolation"] = "nn", ["top"] = "5" });
        var pyramid = StoredPyramid.Read(shared.Grid, storedData);
        foreach (var (level, step) in new[] { ("8", 1), ("7", 5), ("6", 25), ("5", 50) })
        {
            // The origin of each level is half its cell up and left of the first node, at easting 0 and northing 12,000,000.
            var (col, row) = (650100L / step, (12000000L - 6869800) / step);
            var value = (await Programs.RunAsync("gdallocationinfo", ["-valonly", pyramid.SlabOf(level, col / 256, row / 256), $"{col % 4096}", $"{row % 4096}"])).Expect();
            Assert.Equal(((6870000 - (12000000 - (row * step))) * 1000) + (col * step) - 650000, float.Parse(value, CultureInfo.InvariantCulture));
        }

        Directory.Delete(folder, recursive: true);
    }

    private async Task<byte[]> AnyTileAsync(StoredPyramid pyramid, string layer, string level)
    {
        var (minCol, minRow, maxCol, maxRow) = pyramid.Limits(level);
        for (var row = minRow; row <= maxRow; row++)
        {
            for (var col = minCol; col <= maxCol; col++)
            {
                using var answer = await shared.Http.GetAsync((KvpTile.Of(pyramid, layer, "image/png", level) with { Col = col, Row = row }).Address());
                if (answer.IsSuccessStatusCode)
                    return await answer.Content.ReadAsByteArrayAsync();
            }
        }

        return [];
    }

    private static async Task<double> DifferenceAsync(string tile, string lot, string crs, params double[] bounds)
    {
        var run = await Programs.RunAsync(Programs.Python, ["-c", """
            import glob, sys
            import numpy as np
            from osgeo import gdal
            gdal.UseExceptions()
            tile = gdal.Open(sys.argv[1]).ReadAsArray().astype(float)
            lot = gdal.BuildVRT("/vsimem/lot.vrt", sorted(glob.glob(sys.argv[2] + "/*.tif")))
            warped = gdal.Warp("/vsimem/warped.tif", lot, format="GTiff", dstSRS=sys.argv[3], outputBounds=tuple(map(float, sys.argv[4:8])),
                               width=256, height=256, resampleAlg="cubic", errorThreshold=0, dstAlpha=True).ReadAsArray().astype(float)
            mask = warped[-1] > 0
            assert mask.mean() > 0.1
            print(np.abs(tile - warped[:-1])[:, mask].mean())
            """, tile, lot, crs, .. bounds.Select(bound => bound.ToString("R", CultureInfo.InvariantCulture))]);
        return double.Parse(run.Expect(), CultureInfo.InvariantCulture);
    }
}
