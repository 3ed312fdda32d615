namespace Grid.Tiling.Tests;

/// <summary>Lengths of a degree on WGS 84 are those of the usual tables (for example NGA's).</summary>
public sealed class GroundCellTests
{
    [Theory]
    [InlineData(0, 111319.49, 110574.28)]
    [InlineData(45, 78846.81, 111131.75)]
    [InlineData(-60, 55800.00, 111412.27)]
    public void A_degree_has_the_length_that_it_has_at_its_latitude(double latitude, double width, double height)
    {
        var cell = GroundCell.Of(Crs.Parse("EPSG:4326"), 1, 1, latitude);
        Assert.Equal(width, cell.Width, 1.0);
        Assert.Equal(height, cell.Height, 1.0);
    }

    [Fact]
    public void Web_mercator_is_corrected_by_its_scale_at_the_latitude()
    {
        // Northing 5,621,521.486 is 45° north: one metre there is the cosine of 45° on the sphere, and the ellipsoid's radii off it.
        var cell = GroundCell.Of(Crs.Parse("EPSG:3857"), 1, 1, 5621521.486);
        Assert.Equal(78846.81 / 111319.49, cell.Width, 1e-5);
        Assert.Equal(111131.75 * Math.Cos(Math.PI / 4) / 111319.49, cell.Height, 1e-5);
        Assert.Equal((2.5, 2.5), GroundCell.Of(Crs.Parse("IGNF:LAMB93"), 2.5, 2.5, 6_600_000));
    }
}
