using System.Globalization;
using System.Runtime.InteropServices;
using Grid.Fixtures;
using Grid.Imaging.Codecs;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Imaging.Sources;
using Grid.Imaging.Tests.Gdal;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Pyramids;

/// <summary>The sets of elevations, whose levels are decimated: every pixel of every level is a sample of the source, the one that gdalwarp finds there.</summary>
public sealed class ElevationSetTests
{
    private const int Side = 256;

    [RealDataFact]
    public void Every_level_of_a_decimated_set_has_the_samples_that_gdal_finds_in_the_source()
    {
        var dalle = RealData.PathOf("raster/ign/RGEALTI.tif");
        var set = TileMatrixSets.Find("LAMB93_1M_MNT")!;
        var size = new SlabSize(4, 4);
        using var lot = LotSources.Open([(dalle, "RGEALTI.tif")], "EPSG:2154");
        var format = new PyramidBuildFormat(new SlabFormat(TileCompression.Zip, lot.Format, size, [-99999]), false, Interpolation.Nearest);
        var plan = new PyramidPlan(set, set.Matrices[^1].Id, set.Matrices[0].Id, size, [lot.Extent]);

        var slabs = RegionBuildTests.Build(plan, format, lot, null, 1);

        Assert.Equal(9, plan.Levels.Count);
        using var folder = new RasterFolder();
        var found = 0;
        foreach (var level in plan.Levels)
        {
            var matrix = set.Find(level.Level)!;
            for (var row = level.TileLimits.MinRow; row <= level.TileLimits.MaxRow; row++)
            {
                for (var col = level.TileLimits.MinCol; col <= level.TileLimits.MaxCol; col++)
                {
                    var truth = Warp(dalle, matrix.TileExtent(col, row), folder.File($"{level.Level}_{col}_{row}.tif"));
                    var samples = new float[Side * Side];
                    if (!new SlabReader(slabs[size.SlabOf(level.Level, col, row)].Data).TryDecode(size.TileNumber(col, row), MemoryMarshal.AsBytes(samples.AsSpan())))
                        samples.AsSpan().Fill(-99999);
                    Assert.True(truth.AsSpan().SequenceEqual(samples), $"tile {col},{row} of level {level.Level}");
                    found += samples.Count(sample => sample != -99999);
                }
            }
        }

        Assert.InRange(found, 200 * 200, 2 * 200 * 200);
    }

    private static float[] Warp(string dalle, Extent extent, string target)
    {
        string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
        GdalTool.Run(
            "gdalwarp", "-q", "-s_srs", "EPSG:2154", "-t_srs", "EPSG:2154", "-r", "near", "-te", Text(extent.MinX), Text(extent.MinY), Text(extent.MaxX), Text(extent.MaxY),
            "-ts", $"{Side}", $"{Side}", "-dstnodata", "-99999", dalle, target);
        return MemoryMarshal.Cast<byte, float>(GdalTool.Samples(target)).ToArray();
    }
}
