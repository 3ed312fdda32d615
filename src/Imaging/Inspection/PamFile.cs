using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Grid.Imaging.Gdal;

namespace Grid.Imaging.Inspection;

/// <summary>
/// What GDAL's side file of a raster, <c>NAME.aux.xml</c>, says of its place and of pixels without data; it goes before what the raster itself says, as GDAL has
/// it (GDAL documentation, "PAM"). Read here and not by GDAL, because such a file can also name any other file or address to read pixels from.
/// </summary>
/// <param name="GeoTransform">Six coefficients, or null.</param>
/// <param name="Crs">WKT, or null.</param>
/// <param name="Nodata">The values of the bands, numbered from 1, that have one.</param>
internal sealed record PamFile(double[]? GeoTransform, string? Crs, IReadOnlyDictionary<int, double> Nodata)
{
    /// <summary>Statistics and attribute tables make such files large; beyond this they are no side file of a raster of pixels.</summary>
    private const int MostBytes = 4 << 20;

    /// <summary>The side file of a raster; null when there is none, or none that can be read.</summary>
    internal static PamFile? Find(string gdalPath)
    {
        if (RasterOpening.ReadFile(gdalPath + ".aux.xml", MostBytes) is not { } bytes)
            return null;
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(bytes), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            return XDocument.Load(reader).Root is { } root && root.Name.LocalName == "PAMDataset" ? Read(root) : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>The description of a raster with what the side file says in place of what the raster says.</summary>
    internal RasterInfo Over(RasterInfo info)
    {
        if (GeoTransform is not null)
        {
            var (orientation, grid) = RasterInspector.Place(GeoTransform, info.Width, info.Height);
            info = info with { Orientation = orientation, Grid = grid, CouldHoldCrs = grid is not null };
        }

        if (Crs is not null && CrsOf() is var (name, authority, wkt))
            info = info with { CrsName = name, CrsAuthority = authority, CrsWkt = wkt };
        // A mask goes before a nodata value, and that before opacity.
        return Nodata.Count == 0 || info.Mask == MaskKind.Band ? info : info with
        {
            Mask = MaskKind.Nodata,
            Nodata = [.. info.Nodata.Select((own, i) => Nodata.TryGetValue(i + 1, out var value) ? value : own ?? Nodata.Values.First())],
        };
    }

    private static PamFile Read(XElement root)
    {
        var numbers = (root.Element("GeoTransform")?.Value ?? "").Split(',').Select(Number).ToList();
        var nodata = new SortedDictionary<int, double>();
        foreach (var band in root.Elements("PAMRasterBand"))
        {
            if (int.TryParse(band.Attribute("band")?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Number(band.Element("NoDataValue")?.Value) is { } value)
                nodata[number] = value;
        }

        return new PamFile(
            numbers.Count == 6 && !numbers.Contains(null) ? [.. numbers.Select(number => number!.Value)] : null,
            root.Element("SRS")?.Value is { Length: > 0 } crs ? crs : null, nodata);
    }

    private static double? Number(string? text) => text?.Trim().ToUpperInvariant() switch
    {
        null or "" => null,
        "NAN" or "-NAN" => double.NaN,
        "INF" or "+INF" => double.PositiveInfinity,
        "-INF" => double.NegativeInfinity,
        var number => double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : null,
    };

    private (string? Name, string? Authority, string Wkt)? CrsOf()
    {
        try
        {
            using var crs = SpatialReference.Parse(Crs!);
            return (SpatialReference.Name(crs), SpatialReference.Authority(crs), SpatialReference.ToWkt(crs));
        }
        catch (UnknownCrsException)
        {
            return null;
        }
    }
}
