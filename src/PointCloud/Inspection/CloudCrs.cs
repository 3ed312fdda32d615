using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Inspection;

/// <summary>What a file says of its coordinate reference system.</summary>
public static partial class CloudCrs
{
    private const string Projection = "LASF_Projection";
    private const ushort Wkt = 2112, Keys = 34735;
    private const ushort GeographicKey = 2048, ProjectedKey = 3072, VerticalKey = 4096, UserDefined = 32767;

    /// <summary>
    /// The WKT, or <c>EPSG:CODE</c> of GeoTIFF keys (with <c>+CODE</c> of the heights where they are given too); null when the file names none. Where both are
    /// there, the header's WKT bit says which counts.
    /// </summary>
    public static string? Of(LasHeader header, IReadOnlyList<VariableLengthRecord> records)
    {
        var wkt = WktOf(records);
        var code = CodeOf(records);
        return (header.GlobalEncoding & GlobalEncoding.Wkt) != 0 ? wkt ?? code : code ?? wkt;
    }

    /// <summary>The part of a CRS that places x and y: <c>EPSG:2154</c> of <c>EPSG:2154+5720</c>, the projected or geographic CRS of a compound one's WKT.</summary>
    public static string PlaneOf(string crs)
    {
        if (!crs.StartsWith("COMPD_CS[", StringComparison.OrdinalIgnoreCase) && !crs.StartsWith("COMPOUNDCRS[", StringComparison.OrdinalIgnoreCase))
            return crs.StartsWith("EPSG:", StringComparison.OrdinalIgnoreCase) ? crs.Split('+')[0] : crs;
        // The first CRS within: a name, an opening bracket, and all up to the bracket that closes it, brackets in quotes not counted.
        var start = crs.IndexOf('[') + 1;
        start = crs.IndexOf('"', crs.IndexOf('"', start) + 1) + 1;
        start = crs.IndexOf(',', start) + 1;
        var depth = 0;
        var isQuoted = false;
        for (var at = start; start > 0 && at < crs.Length; at++)
        {
            isQuoted ^= crs[at] == '"';
            depth += isQuoted ? 0 : crs[at] is '[' ? 1 : crs[at] is ']' ? -1 : 0;
            if (crs[at] == ']' && !isQuoted && depth == 0)
                return crs[start..(at + 1)].Trim();
        }

        return crs;
    }

    /// <summary>The EPSG code of the CRS that places x and y; null when the text names none.</summary>
    public static int? EpsgOf(string crs)
    {
        var plane = PlaneOf(crs);
        var code = plane.StartsWith("EPSG:", StringComparison.OrdinalIgnoreCase) ? plane[5..] : LastAuthority().Match(plane).Groups[1].Value;
        return int.TryParse(code, out var number) ? number : null;
    }

    internal static string? WktOf(IReadOnlyList<VariableLengthRecord> records)
    {
        var record = records.FirstOrDefault(record => record.UserId.Equals(Projection, StringComparison.OrdinalIgnoreCase) && record.RecordId == Wkt);
        if (record is null)
            return null;
        var text = Encoding.UTF8.GetString(record.Content.Span).Split('\0')[0].Trim();
        return text.Length > 0 ? text : null;
    }

    // GeoTIFF 1.1 (OGC 19-008r4), § 7.1: four numbers for the directory, then four a key, of which a place of 0 means that the value is the last.
    private static string? CodeOf(IReadOnlyList<VariableLengthRecord> records)
    {
        var record = records.FirstOrDefault(record => record.UserId.Equals(Projection, StringComparison.OrdinalIgnoreCase) && record.RecordId == Keys);
        if (record is null)
            return null;
        ushort geographic = 0, projected = 0, vertical = 0;
        for (var at = 8; at + 8 <= record.Content.Length; at += 8)
        {
            var entry = record.Content.Span.Slice(at, 8);
            var value = BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]);
            if (BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]) != 0)
                continue;
            switch (BinaryPrimitives.ReadUInt16LittleEndian(entry))
            {
                case GeographicKey: geographic = value; break;
                case ProjectedKey: projected = value; break;
                case VerticalKey: vertical = value; break;
            }
        }

        var plane = IsCode(projected) ? projected : IsCode(geographic) ? geographic : (ushort)0;
        return plane == 0 ? null : IsCode(vertical) && vertical >= 5600 ? $"EPSG:{plane}+{vertical}" : $"EPSG:{plane}";
    }

    private static bool IsCode(ushort value) => value is > 0 and not UserDefined;

    // The authority of the whole stands last in it: AUTHORITY["EPSG","2154"] in WKT 1, ID["EPSG",2154] in WKT 2.
    [GeneratedRegex(@"(?:AUTHORITY|ID)\s*\[\s*""EPSG""\s*,\s*""?(\d+)""?\s*\]\s*\]\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex LastAuthority();
}
