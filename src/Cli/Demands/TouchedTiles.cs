using Grid.Cli.Api;
using Grid.Tiling;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Prepared;
using NetTopologySuite.IO;

namespace Grid.Cli.Demands;

/// <summary>The tiles of a level that geometries in the set's CRS touch, each once for a geometry; a shared border alone counts.</summary>
public static class TouchedTiles
{
    /// <summary>Most tiles of one geometry's rectangle.</summary>
    private const long MostTiles = 100_000_000;

    /// <summary>Geometries by line.</summary>
    /// <param name="format">WKT, WKB (in hexadecimal digits) or GeoJSON; a GeoJSON text may also be one feature collection over many lines.</param>
    /// <exception cref="DeliveryException">A line is no geometry of the format, or covers too many tiles.</exception>
    public static IEnumerable<TileIndex> Of(TextReader lines, string format, TileMatrix matrix)
    {
        foreach (var geometry in Geometries(lines, format))
        {
            var box = geometry.EnvelopeInternal;
            if (box.IsNull || matrix.TilesOf(new Extent(box.MinX, box.MinY, box.MaxX, box.MaxY).Grow(matrix.CellSize / 100)) is not { } limits)
                continue;
            if (limits.Count > MostTiles)
                throw new DeliveryException($"a geometry spans {limits.Count} tiles of level {matrix.Id}: at most {MostTiles} are allowed, choose a coarser level");
            var prepared = PreparedGeometryFactory.Prepare(geometry);
            for (var row = limits.MinRow; row <= limits.MaxRow; row++)
            {
                for (var col = limits.MinCol; col <= limits.MaxCol; col++)
                {
                    var tile = matrix.TileExtent(col, row);
                    if (prepared.Intersects(geometry.Factory.ToGeometry(new Envelope(tile.MinX, tile.MaxX, tile.MinY, tile.MaxY))))
                        yield return new TileIndex(matrix, col, row);
                }
            }
        }
    }

    private static IEnumerable<Geometry> Geometries(TextReader lines, string format)
    {
        if (format.Equals("GeoJSON", StringComparison.OrdinalIgnoreCase))
        {
            foreach (var geometry in GeoJsonGeometries.Read(lines))
                yield return geometry;
            yield break;
        }

        while (lines.ReadLine() is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
                yield return Parse(line.Trim(), format);
        }
    }

    private static Geometry Parse(string line, string format)
    {
        try
        {
            return format.ToUpperInvariant() switch
            {
                "WKT" => new WKTReader().Read(line),
                "WKB" => new WKBReader().Read(Convert.FromHexString(line)),
                _ => throw new DeliveryException($"format {format} is unknown: geometries are WKT, WKB or GeoJSON"),
            };
        }
        catch (Exception wrong) when (wrong is ParseException or FormatException or ArgumentException or IOException)
        {
            throw new DeliveryException($"\"{(line.Length > 80 ? line[..80] + "…" : line)}\" is no {format}: {wrong.Message}");
        }
    }
}
