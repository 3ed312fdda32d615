using System.Diagnostics;
using System.Globalization;

namespace Grid.Tiling.Tests;

public class CrsTests
{
    [Theory]
    [InlineData("IGNF:LAMB93", "EPSG:2154")]
    [InlineData("IGNF:UTM22RGFG95", "EPSG:2972")]
    [InlineData("IGNF:RGR92UTM40S", "EPSG:2975")]
    [InlineData("IGNF:RGM04UTM38S", "EPSG:4471")]
    [InlineData("IGNF:WGS84G", "EPSG:4326")]
    [InlineData("epsg:2154", "urn:ogc:def:crs:EPSG::2154")]
    [InlineData("EPSG:3857", "http://www.opengis.net/def/crs/EPSG/0/3857")]
    [InlineData("EPSG:4326", "urn:ogc:def:crs:EPSG:6.18:4326")]
    [InlineData("CRS:84", "urn:ogc:def:crs:OGC:1.3:CRS84")]
    [InlineData("CRS:84", "OGC:CRS84")]
    [InlineData("EPSG:4326", "http://www.opengis.net/gml/srs/epsg.xml#4326")]
    [InlineData("EPSG:900913", "EPSG:3857")]
    public void Names_of_one_system_are_equal(string left, string right)
    {
        Assert.True(Crs.AreEqual(left, right));
        Assert.Equal(Crs.Parse(left).GetHashCode(), Crs.Parse(right).GetHashCode());
    }

    [Theory]
    [InlineData("EPSG:2154", "EPSG:3857")]
    [InlineData("IGNF:NOSUCH", "EPSG:2154")]
    [InlineData("IGNF:LAMB93", null)]
    public void Names_of_two_systems_differ(string left, string? right) => Assert.False(Crs.AreEqual(left, right));

    [Theory]
    [InlineData("")]
    [InlineData("EPSG")]
    [InlineData("EPSG:")]
    [InlineData("EPSG:+init=x")]
    [InlineData("EPSG:21 54")]
    [InlineData("EPSG:2154:3")]
    [InlineData("+proj=longlat")]
    [InlineData("urn:ogc:def:crs:EPSG:2154")]
    [InlineData("/etc/passwd")]
    public void Other_texts_are_refused(string text)
    {
        Assert.False(Crs.TryParse(text, out _));
        Assert.Throws<InvalidCrsNameException>(() => Crs.Parse(text));
    }

    [Theory]
    [InlineData("EPSG:4326", true, true)]
    [InlineData("EPSG:4171", true, true)]
    [InlineData("EPSG:4258", true, true)]
    [InlineData("CRS:84", true, false)]
    [InlineData("IGNF:WGS84G", true, false)]
    [InlineData("IGNF:RGF93G", true, false)]
    [InlineData("EPSG:7084", true, false)]
    [InlineData("EPSG:4471", false, false)]
    [InlineData("EPSG:3857", false, false)]
    [InlineData("EPSG:3035", false, true)]
    public void Units_and_axis_order_follow_the_authority(string name, bool geographic, bool latitudeFirst)
    {
        var crs = Crs.Parse(name);
        Assert.Equal((geographic, latitudeFirst), (crs.IsGeographic, crs.IsLatitudeFirst));
        Assert.Equal(geographic ? 111319.49079327358 : 1, crs.MetersPerUnit);
    }

    [Theory]
    [InlineData("IGNF:LAMB93", "EPSG:2154", "urn:ogc:def:crs:IGNF::LAMB93")]
    [InlineData("EPSG:3857", "EPSG:3857", "urn:ogc:def:crs:EPSG::3857")]
    [InlineData("CRS:84", "EPSG:4326", "urn:ogc:def:crs:OGC:1.3:CRS84")]
    [InlineData("IGNF:GEOPORTALFXX", "IGNF:GEOPORTALFXX", "urn:ogc:def:crs:IGNF::GEOPORTALFXX")]
    public void Names_for_gdal_and_for_documents(string name, string gdal, string urn) =>
        Assert.Equal((gdal, urn), (Crs.Parse(name).GdalName, Crs.Parse(name).Urn));

    [Fact]
    public void Crs_of_every_tile_matrix_set_has_a_name_that_gdal_knows_everywhere() =>
        Assert.All(TileMatrixSets.All, set => Assert.StartsWith("EPSG:", Crs.Parse(set.Crs).GdalName, StringComparison.Ordinal));

    /// <summary>
    /// PROJ has both registers: a point that goes from the IGNF system to its EPSG twin must not move. Metropolitan NTF pairs are exact too, as no
    /// datum changes. RGNC is left out: PROJ's IGNF register has its superseded datum.
    /// </summary>
    [Fact]
    public async Task Proj_agrees_that_every_pair_of_names_is_one_system()
    {
        foreach (var (name, epsg) in CrsTable.Equivalents.Where(pair => pair.Name.StartsWith("IGNF:", StringComparison.Ordinal)
            && !pair.Name.Contains("RGNC", StringComparison.Ordinal)))
        {
            var crs = Crs.Parse(name);
            var (x, y) = crs.IsGeographic ? (2.5, 46.5) : (600000.0, 6500000.0);
            if (name.Contains("LAMB", StringComparison.Ordinal) && epsg is >= 27561 and <= 27574)
                (x, y) = (600000, epsg == 27572 ? 2200000 : epsg < 27570 ? 200000 : 1200000 + ((epsg - 27572) * 1000000));
            var (code, moved) = await TransformAsync(name, $"EPSG:{epsg}", x, y);
            Assert.True(code == 0, $"{name} to EPSG:{epsg}: {moved}");
            var numbers = moved.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
            var tolerance = crs.IsGeographic ? 1e-7 : 0.01;
            Assert.True(
                Math.Abs(numbers[0] - x) < tolerance && Math.Abs(numbers[1] - y) < tolerance, $"{name} to EPSG:{epsg}: ({x}, {y}) became {moved}");
        }
    }

    private static async Task<(int Code, string Output)> TransformAsync(string from, string to, double x, double y)
    {
        var start = new ProcessStartInfo("gdaltransform") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["-s_srs", from, "-t_srs", to, "-output_xy"])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{x} {y}"));
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 && errors.Length == 0 ? output.Trim() : output + errors);
    }
}
