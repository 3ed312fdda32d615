using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Grid.Imaging.Gdal;

/// <summary>A CRS that cannot be understood; the message holds the text.</summary>
public sealed class UnknownCrsException(string text, string reason) : Exception($"CRS '{Shorten(text)}': {reason}")
{
    public string Crs { get; } = text;

    private static string Shorten(string text) => text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 77), "...");
}

/// <summary>OSR objects from text and back. Axes are in GIS order (x easting or longitude) whatever the authority says.</summary>
internal static partial class SpatialReference
{
    private const int TraditionalGisOrder = 0;
    private const int MaxWktLength = 32_768;

    /// <summary>Parses <c>AUTHORITY:CODE</c> or WKT.</summary>
    /// <exception cref="UnknownCrsException">Neither, or no such code.</exception>
    internal static SpatialReferenceHandle Parse(string text) => Parse(text, isCompoundAllowed: false);

    /// <summary>Parses <c>AUTHORITY:CODE</c>, <c>EPSG:CODE+CODE</c> of a horizontal and a vertical CRS, or WKT.</summary>
    /// <exception cref="UnknownCrsException">None of them, or no such code.</exception>
    internal static SpatialReferenceHandle ParseCompound(string text) => Parse(text, isCompoundAllowed: true);

    private static SpatialReferenceHandle Parse(string text, bool isCompoundAllowed)
    {
        GdalLibrary.Require();
        text = text.Trim();

        // OSRSetFromUserInput would also open a file or an address: only these forms reach it.
        if (!AuthorityAndCode().IsMatch(text) && !(isCompoundAllowed && TwoCodes().IsMatch(text)) && !(text.Length <= MaxWktLength && Wkt().IsMatch(text)))
            throw new UnknownCrsException(text, "expected AUTHORITY:CODE such as EPSG:2154 or IGNF:LAMB93, or WKT.");
        var crs = GdalNative.OSRNewSpatialReference(null);
        GdalErrors.Reset();
        if (GdalNative.OSRSetFromUserInput(crs, text) != 0)
        {
            crs.Dispose();
            throw new UnknownCrsException(text, GdalErrors.LastMessage ?? "not a CRS that PROJ knows.");
        }

        GdalNative.OSRSetAxisMappingStrategy(crs, TraditionalGisOrder);
        return crs;
    }

    /// <summary>Null when the dataset declares no CRS.</summary>
    internal static SpatialReferenceHandle? Of(DatasetHandle dataset)
    {
        var borrowed = GdalNative.GDALGetSpatialRef(dataset);
        if (borrowed == 0)
            return null;
        var crs = GdalNative.OSRClone(borrowed);
        GdalNative.OSRSetAxisMappingStrategy(crs, TraditionalGisOrder);
        return crs;
    }

    internal static string? Name(SpatialReferenceHandle crs) => Marshal.PtrToStringUTF8(GdalNative.OSRGetName(crs));

    /// <summary>Authority and code such as <c>EPSG:2154</c>, or null for a CRS that no authority is named for.</summary>
    internal static string? Authority(SpatialReferenceHandle crs)
    {
        var authority = Marshal.PtrToStringUTF8(GdalNative.OSRGetAuthorityName(crs, null));
        var code = Marshal.PtrToStringUTF8(GdalNative.OSRGetAuthorityCode(crs, null));
        return authority is null || code is null ? null : $"{authority}:{code}";
    }

    internal static string ToWkt(SpatialReferenceHandle crs)
    {
        var failed = GdalNative.OSRExportToWkt(crs, out var text) != 0;
        return failed ? "" : Take(text);
    }

    internal static string ToProj4(SpatialReferenceHandle crs)
    {
        GdalErrors.Reset();
        var failed = GdalNative.OSRExportToProj4(crs, out var text) != 0;
        var taken = Take(text);
        return failed ? "" : taken;
    }

    private static string Take(nint text)
    {
        var taken = Marshal.PtrToStringUTF8(text) ?? "";
        GdalNative.VSIFree(text);
        return taken;
    }

    [GeneratedRegex(@"^[A-Za-z]{2,12}:[A-Za-z0-9_.\-]{1,40}$")]
    private static partial Regex AuthorityAndCode();

    [GeneratedRegex(@"^EPSG:[0-9]{1,6}\+[0-9]{1,6}$")]
    private static partial Regex TwoCodes();

    [GeneratedRegex(@"^[A-Z_]{4,20}\s*\[.*\]$", RegexOptions.Singleline)]
    private static partial Regex Wkt();
}
