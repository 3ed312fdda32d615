using System.Text;
using Grid.Imaging.Gdal;

namespace Grid.Imaging.Inspection;

/// <summary>Opens a raster, or says in a producer's words why it is none.</summary>
internal static class RasterOpening
{
    private const string Accepted = "expected GeoTIFF, JPEG 2000, PNG or JPEG with a world file, BIL with a .hdr file, or an ASCII grid";

    /// <exception cref="UnreadableRasterException">There is no such file, or no accepted format recognises it.</exception>
    internal static GdalDataset Open(string gdalPath, string name)
    {
        try
        {
            var dataset = GdalDataset.Open(gdalPath, name);
            if (dataset.Bands > 0 && dataset.Width > 0 && dataset.Height > 0)
                return dataset;
            dataset.Dispose();
            throw new UnreadableRasterException(name, $"it holds no raster; {Accepted}.");
        }
        catch (GdalException failure)
        {
            throw new UnreadableRasterException(name, Reason(gdalPath, failure), failure);
        }
    }

    /// <summary>Bytes of the file, or 0 when the store does not tell.</summary>
    internal static long LengthOf(string gdalPath)
    {
        if (!gdalPath.StartsWith("/vsi", StringComparison.Ordinal))
        {
            var file = new FileInfo(gdalPath);
            return file.Exists ? file.Length : 0;
        }

        var remote = GdalNative.VSIFOpenL(gdalPath, "rb");
        if (remote == 0)
            return 0;
        var length = GdalNative.VSIFSeekL(remote, 0, 2) == 0 ? (long)GdalNative.VSIFTellL(remote) : 0;
        _ = GdalNative.VSIFCloseL(remote);
        return length;
    }

    private static string Reason(string gdalPath, GdalException failure)
    {
        var head = Head(gdalPath);
        if (head is null)
            return "the file cannot be opened; deliver it again.";
        if (head.Length == 0)
            return "the file is empty; deliver it again.";
        var text = Encoding.Latin1.GetString(head);
        if (text.Contains("<VRTDataset", StringComparison.Ordinal))
            return "it is a VRT, which only points to other files; deliver those rasters themselves.";
        if (text.StartsWith("II*\0", StringComparison.Ordinal) || text.StartsWith("MM\0*", StringComparison.Ordinal)
            || text.StartsWith("II+\0", StringComparison.Ordinal) || text.StartsWith("MM\0+", StringComparison.Ordinal))
        {
            return $"its TIFF header is truncated or damaged ({failure.Explanation.TrimEnd('.')}); write and deliver it again.";
        }

        return IsKnownButUnavailable(text, out var format)
            ? $"it is {format}, which cannot be read: {failure.Explanation.TrimEnd('.')}; write and deliver it again."
            : $"it is not a raster of an accepted format (it begins with {Printable(head)}); {Accepted}.";
    }

    private static bool IsKnownButUnavailable(string head, out string format)
    {
        format = head.StartsWith("\u0089PNG", StringComparison.Ordinal) ? "a PNG"
            : head.StartsWith("\u00ff\u00d8\u00ff", StringComparison.Ordinal) ? "a JPEG"
            : head.StartsWith("\0\0\0\u000cjP  ", StringComparison.Ordinal) || head.StartsWith("\u00ff\u004f\u00ff\u0051", StringComparison.Ordinal) ? "a JPEG 2000"
            : "";
        return format.Length > 0;
    }

    private static string Printable(byte[] head)
    {
        var start = head.AsSpan(0, Math.Min(16, head.Length));
        return start.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? $"the bytes {Convert.ToHexString(start[..Math.Min(8, start.Length)])}"
            : $"\"{Encoding.ASCII.GetString(start)}\"";
    }

    /// <summary>A small file whole; null when there is none, or it is longer.</summary>
    internal static unsafe byte[]? ReadFile(string gdalPath, int mostBytes)
    {
        if (!gdalPath.StartsWith("/vsi", StringComparison.Ordinal) && !File.Exists(gdalPath))
            return null;
        var file = GdalNative.VSIFOpenL(gdalPath, "rb");
        if (file == 0)
            return null;
        try
        {
            if (GdalNative.VSIFSeekL(file, 0, 2) != 0 || (long)GdalNative.VSIFTellL(file) is var length && (length <= 0 || length > mostBytes) || GdalNative.VSIFSeekL(file, 0, 0) != 0)
                return null;
            var content = new byte[length];
            nuint count;
            fixed (byte* buffer = content)
                count = GdalNative.VSIFReadL(buffer, 1, (nuint)content.Length, file);
            return (long)count == length ? content : null;
        }
        finally
        {
            _ = GdalNative.VSIFCloseL(file);
            GdalErrors.Reset();
        }
    }

    private static unsafe byte[]? Head(string gdalPath)
    {
        var file = GdalNative.VSIFOpenL(gdalPath, "rb");
        if (file == 0)
            return null;
        var head = new byte[512];
        nuint count;
        fixed (byte* buffer = head)
            count = GdalNative.VSIFReadL(buffer, 1, (nuint)head.Length, file);
        _ = GdalNative.VSIFCloseL(file);
        return head[..(int)count];
    }
}
