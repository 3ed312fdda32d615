using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace Grid.Cli.Producer;

/// <summary>Reads the EPSG code of a LAS or LAZ file's horizontal CRS: of its WKT record, or of its GeoTIFF keys (LAS 1.4 R15, § 3).</summary>
public static partial class LasCrs
{
    private const int RecordHeader = 54, MostBytes = 1 << 20;
    private const int WktRecord = 2112, KeyRecord = 34735, ProjectedKey = 3072, UserDefined = 32767;

    /// <summary>The CRS as <c>EPSG:code</c>; null when the file is no LAS, or names no code.</summary>
    public static string? Read(string path)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[(int)Math.Min(file.Length, MostBytes)];
        file.ReadExactly(bytes);
        if (bytes.Length < 227 || !bytes.AsSpan().StartsWith("LASF"u8))
            return null;
        string? code = null;
        var at = (int)BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(94));
        for (var left = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(100)); left > 0 && at + RecordHeader <= bytes.Length; left--)
        {
            var (id, length) = (BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 18)), BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 20)));
            var content = bytes.AsSpan(at + RecordHeader, Math.Min(length, bytes.Length - at - RecordHeader));
            if (bytes.AsSpan(at + 2, 16).StartsWith("LASF_Projection"u8))
                code = id switch { WktRecord => CodeOf(Encoding.UTF8.GetString(content)) ?? code, KeyRecord => code ?? CodeOf(content), _ => code };
            at += RecordHeader + length;
        }

        return code;
    }

    /// <summary>The code of the projected part of a WKT, which names codes of its parts as well.</summary>
    internal static string? CodeOf(string wkt)
    {
        var start = Math.Max(wkt.IndexOf("PROJCS[", StringComparison.OrdinalIgnoreCase), wkt.IndexOf("PROJCRS[", StringComparison.OrdinalIgnoreCase));
        if (start < 0)
            return null;
        var depth = 0;
        string? code = null;
        for (var i = start; i < wkt.Length; i++)
        {
            if (depth == 1 && Authority().Match(wkt, i) is { Success: true } found && found.Index == i)
                code = "EPSG:" + found.Groups[1].Value;
            depth += wkt[i] switch { '[' => 1, ']' => -1, _ => 0 };
            if (wkt[i] == ']' && depth == 0)
                break;
        }

        return code;
    }

    private static string? CodeOf(ReadOnlySpan<byte> keys)
    {
        for (var at = 8; at + 8 <= keys.Length; at += 8)
        {
            var value = BinaryPrimitives.ReadUInt16LittleEndian(keys[(at + 6)..]);
            if (BinaryPrimitives.ReadUInt16LittleEndian(keys[at..]) == ProjectedKey && value is > 0 and < UserDefined)
                return $"EPSG:{value}";
        }

        return null;
    }

    [GeneratedRegex("\\G(?:AUTHORITY|ID)\\[\"EPSG\",\"?([0-9]+)\"?", RegexOptions.IgnoreCase)]
    private static partial Regex Authority();
}
