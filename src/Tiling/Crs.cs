using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Grid.Tiling;

/// <summary>
/// A coordinate reference system by name: authority and code. Two names of one system are equal (<c>IGNF:LAMB93</c> and <c>EPSG:2154</c>,
/// <c>CRS:84</c> and <c>IGNF:WGS84G</c>), so comparing them tells whether a reprojection is needed. Coordinates inside Grid are always (easting or
/// longitude, northing or latitude); <see cref="IsLatitudeFirst"/> matters only to protocols.
/// </summary>
public sealed class Crs : IEquatable<Crs>
{
    /// <summary>Metres in one degree of the equator of WGS 84 (OGC 17-083r4 § 6.2.2, meters per unit).</summary>
    public const double MetersPerDegree = 111319.49079327358;

    private readonly CrsTable.Entry? _entry;

    private Crs(string authority, string code)
    {
        Authority = authority;
        Code = code;
        Name = authority + ":" + code;
        _entry = CrsTable.Find(Name);
    }

    /// <summary><c>EPSG</c>, <c>IGNF</c>, <c>CRS</c>… in capitals.</summary>
    public string Authority { get; }

    public string Code { get; }

    /// <summary>Authority and code as they were given, for example <c>IGNF:LAMB93</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// The name by which GDAL and PROJ know the system: the EPSG one where there is one, since old PROJ databases lack the IGNF authority.
    /// </summary>
    public string GdalName => _entry is { } entry ? $"EPSG:{entry.Epsg}" : Authority == "CRS" ? "OGC:CRS" + Code : Name;

    /// <summary>True for longitudes and latitudes in degrees.</summary>
    public bool IsGeographic => _entry?.Kind is CrsKind.Geographic || (_entry is null && CrsTable.IsGeographicCode(Authority, Code));

    /// <summary>Metres in one unit of the axes: 1 for projected systems, <see cref="MetersPerDegree"/> for geographic ones.</summary>
    public double MetersPerUnit => IsGeographic ? MetersPerDegree : 1;

    /// <summary>
    /// True when the authority puts latitude (or northing) before longitude (or easting), as protocols that follow the authority do: WMS 1.3.0
    /// <c>BBOX</c>, WMTS <c>TopLeftCorner</c>. IGNF and CRS names are always longitude or easting first.
    /// </summary>
    public bool IsLatitudeFirst => Authority == "EPSG" && (CrsTable.IsNorthingFirst(Code) || (IsGeographic && !CrsTable.IsLongitudeFirst(Code)));

    /// <summary>The URN of WMTS and OWS documents: <c>urn:ogc:def:crs:EPSG::3857</c>, <c>urn:ogc:def:crs:OGC:1.3:CRS84</c>.</summary>
    public string Urn => Authority == "CRS" ? "urn:ogc:def:crs:OGC:1.3:CRS" + Code : $"urn:ogc:def:crs:{Authority}::{Code}";

    /// <summary>The URI of OGC API documents.</summary>
    public string Uri => Authority == "CRS"
        ? "http://www.opengis.net/def/crs/OGC/1.3/CRS" + Code
        : $"http://www.opengis.net/def/crs/{Authority}/0/{Code}";

    /// <summary>The system of a name in any form; throws <see cref="InvalidCrsNameException"/> when it has none of them.</summary>
    public static Crs Parse(string name) => TryParse(name, out var crs) ? crs : throw new InvalidCrsNameException(name);

    /// <summary>
    /// Reads <c>EPSG:2154</c> (any case), <c>urn:ogc:def:crs:EPSG::2154</c> (any version, <c>urn:x-ogc</c> too),
    /// <c>http(s)://www.opengis.net/def/crs/EPSG/0/2154</c>, <c>http://www.opengis.net/gml/srs/epsg.xml#2154</c>, <c>CRS:84</c>, <c>OGC:CRS84</c>.
    /// Only the form is judged: whether the code exists is for PROJ to say.
    /// </summary>
    public static bool TryParse(string? name, [NotNullWhen(true)] out Crs? crs)
    {
        crs = null;
        if (string.IsNullOrWhiteSpace(name) || name.Length > 200)
            return false;
        name = name.Trim();
        string[] parts;
        if (name.StartsWith("urn:", StringComparison.OrdinalIgnoreCase))
        {
            parts = name.Split(':');
            if (parts.Length != 7 || !parts[2].Equals("def", StringComparison.OrdinalIgnoreCase) || !parts[3].Equals("crs", StringComparison.OrdinalIgnoreCase))
                return false;
            parts = [parts[4], parts[6]];
        }
        else if (name.StartsWith("http", StringComparison.OrdinalIgnoreCase))
        {
            var gml = name.LastIndexOf(".xml#", StringComparison.OrdinalIgnoreCase);
            var path = name.Split('/');
            if (gml > 0)
                parts = [name[(name.LastIndexOf('/', gml) + 1)..gml], name[(gml + 5)..]];
            else if (path.Length == 8 && path[3] == "def" && path[4] == "crs")
                parts = [path[5], path[7]];
            else
                return false;
        }
        else
        {
            parts = name.Split(':');
        }

        if (parts.Length != 2 || !IsWord(parts[0]) || !IsWord(parts[1]))
            return false;
        var (authority, code) = (parts[0].ToUpperInvariant(), parts[1].ToUpperInvariant());
        if (authority == "OGC" && code.StartsWith("CRS", StringComparison.Ordinal))
            (authority, code) = ("CRS", code[3..]);
        if (authority == "EPSG" && !int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            return false;
        if (code.Length == 0)
            return false;
        crs = new Crs(authority, code);
        return true;
    }

    /// <summary>True when both names are understood and name one system.</summary>
    public static bool AreEqual(string? left, string? right) =>
        TryParse(left, out var first) && TryParse(right, out var second) && first.Equals(second);

    public bool Equals(Crs? other) => other is not null && Identity == other.Identity;

    public override bool Equals(object? obj) => Equals(obj as Crs);

    public override int GetHashCode() => Identity.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Name;

    private string Identity => _entry is { } entry ? $"EPSG:{entry.Epsg}" : Name;

    private static bool IsWord(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
}

/// <summary>A text that is not a CRS name in any form that Grid reads.</summary>
public sealed class InvalidCrsNameException(string? name)
    : FormatException($"\"{name}\" is not a CRS name: names look like EPSG:2154, IGNF:LAMB93 or urn:ogc:def:crs:EPSG::2154.");
