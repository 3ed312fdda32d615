using System.Collections.Concurrent;

namespace Grid.Imaging.Gdal;

/// <summary>Whether two CRS texts name the same coordinates.</summary>
public static class CrsComparison
{
    private const int MaxRemembered = 4096;
    private static readonly ConcurrentDictionary<(string, string), bool> Remembered = new();

    /// <summary>
    /// True when a coordinate pair (x easting or longitude) means the same place in both: the same code, or definitions that PROJ finds
    /// equivalent, or the same projection, parameters and ellipsoid with no datum shift between them (IGNF:LAMB93 and EPSG:2154). Each is
    /// <c>AUTHORITY:CODE</c> or WKT.
    /// </summary>
    /// <exception cref="UnknownCrsException">One of the two cannot be understood.</exception>
    public static bool SameCrs(string a, string b)
    {
        if (string.Equals(a, b, StringComparison.OrdinalIgnoreCase))
            return true;
        if (Remembered.TryGetValue((a, b), out var same))
            return same;
        using var first = SpatialReference.Parse(a);
        using var second = SpatialReference.Parse(b);
        same = GdalNative.OSRIsSameEx(first, second, 0) != 0 || SameDefinition(SpatialReference.ToProj4(first), SpatialReference.ToProj4(second));
        if (Remembered.Count >= MaxRemembered)
            Remembered.Clear();
        Remembered[(a, b)] = same;
        return same;
    }

    /// <summary>Null when the text names a CRS, else the sentence that says why not.</summary>
    internal static string? Problem(string crs)
    {
        try
        {
            SpatialReference.Parse(crs).Dispose();
            return null;
        }
        catch (UnknownCrsException failure)
        {
            return failure.Message;
        }
    }

    private static bool SameDefinition(string a, string b)
    {
        var first = Parameters(a);
        return first.Count > 1 && first.SetEquals(Parameters(b));
    }

    // A null shift says what the absence of one says; PROJ writes either, by authority.
    private static HashSet<string> Parameters(string proj4) =>
        [.. proj4.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(part =>
            part is not ("+no_defs" or "+type=crs" or "+wktext" or "+towgs84=0,0,0" or "+towgs84=0,0,0,0,0,0,0"))];
}
