using Grid.Tiling;

namespace Grid.Ogc.Wms;

/// <summary>A CRS that maps are drawn in, as a request named it.</summary>
/// <param name="Crs">The name.</param>
/// <param name="GdalName">The name by which GDAL knows it.</param>
/// <param name="IsNorthingFirst">Whether coordinates in requests and documents are latitude or northing first.</param>
/// <param name="MetresPerUnit">Metres in a unit of the axes, on the equator for degrees.</param>
public sealed record MapCrs(Crs Crs, string GdalName, bool IsNorthingFirst, double MetresPerUnit)
{
    /// <summary>Four numbers in the axis order of the CRS as a rectangle whose x is easting or longitude.</summary>
    public Extent ExtentOf(double first, double second, double third, double fourth) =>
        IsNorthingFirst ? new Extent(second, first, fourth, third) : new Extent(first, second, third, fourth);

    /// <summary>A rectangle as four numbers in the axis order of the CRS.</summary>
    public (double MinFirst, double MinSecond, double MaxFirst, double MaxSecond) Ordered(Extent extent) =>
        IsNorthingFirst ? (extent.MinY, extent.MinX, extent.MaxY, extent.MaxX) : (extent.MinX, extent.MinY, extent.MaxX, extent.MaxY);
}

/// <summary>The CRS that a host knows. Safe for concurrent use.</summary>
public interface IMapCrsRegister
{
    /// <summary>The CRS of a name in any form, or null when it is none that maps are drawn in.</summary>
    MapCrs? Find(string name);
}
