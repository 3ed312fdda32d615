using System.Globalization;
using Grid.Imaging.Inspection;
using Grid.Imaging.Sources;
using Grid.Imaging.Tests.Gdal;

namespace Grid.Imaging.Tests.Inspection;

/// <summary>What GDAL's side files say counts as it does for GDAL; what they could fetch is not fetched.</summary>
public sealed class PamFileTests
{
    [Fact]
    public void Place_crs_and_nodata_of_the_side_file_go_before_those_of_the_raster()
    {
        using var folder = new RasterFolder();
        // A PNG holds none of the three: GDAL itself writes them beside it.
        var tiff = folder.File("a.tif");
        GdalTool.Run("sh", "-c", $"python3 -c \"import sys;sys.stdout.buffer.write(bytes((x*7+y)%250 for y in range(40) for x in range(50)))\" > {folder.File("a.raw")}");
        File.WriteAllText(folder.File("a.hdr"), "NROWS 40\nNCOLS 50\nNBANDS 1\nNBITS 8\nLAYOUT BIL\n");
        File.Move(folder.File("a.raw"), folder.File("a.bil"));
        var png = folder.File("a.png");
        GdalTool.Run("gdal_translate", "-q", "-of", "PNG", "-a_srs", "EPSG:2154", "-a_ullr", "650000", "6870020", "650025", "6870000", "-a_nodata", "7", folder.File("a.bil"), png);
        Assert.True(File.Exists(png + ".aux.xml"));
        var info = RasterInspector.Inspect(png, "a.png");
        Assert.Equal(("EPSG:2154", Orientation.NorthUp, MaskKind.Nodata), (info.CrsAuthority, info.Orientation, info.Mask));
        Assert.Equal(new double?[] { 7 }, info.Nodata);
        Assert.Equal((650000, 6870020, 0.5), (info.Grid!.Value.OriginX, info.Grid.Value.OriginY, info.Grid.Value.CellX));
        using (var lot = LotSources.Open([(png, "a.png")], "EPSG:2154"))
        {
            using var window = Raster.Rent(50, 40, lot.Format);
            Assert.True(Assert.Single(lot).Read(0, 0, window, default));
            var truth = GdalTool.Samples(png, "-b", "mask");
            for (var row = 0; row < 40; row++)
                Assert.True(window.Mask.Slice(row * 50, 50).SequenceEqual(truth.AsSpan(row * 50, 50)));
            Assert.Contains((byte)0, truth);
        }

        // Of a TIFF that says otherwise itself, GDAL believes the side file.
        GdalTool.Run("gdal_translate", "-q", "-a_srs", "EPSG:3857", "-a_ullr", "0", "40", "50", "0", folder.File("a.bil"), tiff);
        File.Copy(png + ".aux.xml", tiff + ".aux.xml", overwrite: true);
        Assert.Contains("650000", GdalTool.Run("gdalinfo", tiff));
        info = RasterInspector.Inspect(tiff, "a.tif");
        Assert.Equal(("EPSG:2154", 650000.0), (info.CrsAuthority, info.Grid!.Value.OriginX));
    }

    [Theory]
    [InlineData("<PAMDataset><GeoTransform>1,2,3</GeoTransform><SRS>nonsense</SRS><PAMRasterBand band='1'><NoDataValue>x</NoDataValue></PAMRasterBand></PAMDataset>")]
    [InlineData("<PAMDataset><SRS>/etc/passwd</SRS><Metadata domain='OVERVIEWS'><MDI key='OVERVIEW_FILE'>/etc/passwd</MDI></Metadata></PAMDataset>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><PAMDataset><SRS>&b;</SRS></PAMDataset>")]
    [InlineData("<PAMDataset>")]
    [InlineData("")]
    public void Side_file_that_makes_no_sense_changes_nothing(string text)
    {
        using var folder = new RasterFolder();
        var path = Grid.Cli.Lots.OrthoLot.Generate(folder.Root, 1, 1, 32, 0.5)[0];
        var alone = RasterInspector.Inspect(path, "a.tif");
        File.WriteAllText(path + ".aux.xml", text);
        var beside = RasterInspector.Inspect(path, "a.tif");
        Assert.Equal((alone.CrsAuthority, alone.Grid, alone.Mask), (beside.CrsAuthority, beside.Grid, beside.Mask));
        Assert.Equal(alone.Nodata, beside.Nodata);
    }

    [Fact]
    public void Nodata_that_is_no_number_is_understood()
    {
        using var folder = new RasterFolder();
        var path = Grid.Cli.Lots.OrthoLot.Generate(folder.Root, 1, 1, 32, 0.5)[0];
        File.WriteAllText(path + ".aux.xml", "<PAMDataset><PAMRasterBand band='2'><NoDataValue>nan</NoDataValue></PAMRasterBand></PAMDataset>");
        Assert.True(double.IsNaN(RasterInspector.Inspect(path, "a.tif").Nodata[1]!.Value), 1.0.ToString(CultureInfo.InvariantCulture));
    }
}
