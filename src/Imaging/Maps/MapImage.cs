using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Grid.Imaging.Codecs.Png;
using Grid.Imaging.Codecs.TurboJpeg;
using Grid.Imaging.Codecs.WebP;
using Grid.Imaging.Gdal;

namespace Grid.Imaging.Maps;

/// <summary>The forms in which maps go out.</summary>
public enum MapFormat
{
    Png,
    Jpeg,
    WebP,

    /// <summary>TIFF without a place on the Earth.</summary>
    Tiff,

    GeoTiff,

    /// <summary>Float32 samples, little-endian, row by row, without any header.</summary>
    Bil,

    /// <summary>Esri's ASCII grid.</summary>
    AsciiGrid,
}

/// <summary>How a map is written.</summary>
/// <param name="Format">The form.</param>
/// <param name="Quality">1 to 100, of JPEG and WebP.</param>
/// <param name="Compression"><c>raw</c>, <c>lzw</c>, <c>deflate</c> or <c>packbits</c>, of TIFFs.</param>
public sealed record MapOutput(MapFormat Format, int Quality = 75, string Compression = "raw");

/// <summary>A map that cannot be written in the form asked for; the sentence says why and what can be.</summary>
public sealed class MapFormatException(string message) : Exception(message);

/// <summary>Writes maps.</summary>
public static class MapImage
{
    /// <summary>The form of a MIME type, or null.</summary>
    public static MapFormat? Find(string mimeType) => mimeType switch
    {
        "image/png" => MapFormat.Png,
        "image/jpeg" => MapFormat.Jpeg,
        "image/webp" => MapFormat.WebP,
        "image/tiff" => MapFormat.Tiff,
        "image/geotiff" => MapFormat.GeoTiff,
        "image/x-bil;bits=32" => MapFormat.Bil,
        "text/asc" => MapFormat.AsciiGrid,
        _ => null,
    };

    /// <summary>Whether the form holds pictures only: samples of UInt8.</summary>
    public static bool IsPicture(MapFormat format) => format is MapFormat.Png or MapFormat.Jpeg or MapFormat.WebP;

    /// <summary>Whether the form can be transparent.</summary>
    public static bool HasOpacity(MapFormat format) => format is MapFormat.Png or MapFormat.WebP or MapFormat.Tiff or MapFormat.GeoTiff;

    /// <summary>The bytes of a map whose pixels all have a value.</summary>
    /// <param name="map">The pixels.</param>
    /// <param name="frame">Where they are.</param>
    /// <param name="nodata">The value that stands for no data, for forms that can say so; null when none does.</param>
    /// <exception cref="MapFormatException">The form does not take such pixels.</exception>
    public static byte[] Write(Raster map, MapFrame frame, MapOutput output, double? nodata)
    {
        if (Problem(output.Format, map.Format) is { } problem)
            throw new MapFormatException(problem);
        switch (output.Format)
        {
            case MapFormat.Png:
                return PngPicture.Encode(map.Pixels, map.Width, map.Height, map.Format.Channels);
            case MapFormat.Jpeg:
                return TurboJpegPicture.Encode(map.Pixels, map.Width, map.Height, map.Format.Channels, output.Quality);
            case MapFormat.WebP:
                return WebPEncoder.Encode(map.Pixels, map.Width, map.Height, map.Format.Channels, output.Quality);
            case MapFormat.Tiff:
                return GeoTiffWriter.Write(map, null, nodata, output.Compression);
            case MapFormat.GeoTiff:
                return GeoTiffWriter.Write(map, frame, nodata, output.Compression);
            case MapFormat.Bil:
                return MemoryMarshal.AsBytes<float>(Floats(map)).ToArray();
            default:
                return AsciiGrid(Floats(map), frame, nodata, map.Format.Sample);
        }
    }

    /// <summary>Why pixels cannot be written in a form, or null.</summary>
    public static string? Problem(MapFormat format, PixelFormat pixels) => format switch
    {
        MapFormat.Bil or MapFormat.AsciiGrid when pixels.Channels != 1 =>
            $"The map has {pixels.Channels} channels: elevations in image/x-bil;bits=32 and text/asc have one.",
        MapFormat.Png or MapFormat.Jpeg or MapFormat.WebP when pixels.Sample != SampleType.UInt8 =>
            "The map holds values of 32 bits, not colours: ask for image/geotiff, image/tiff, image/x-bil;bits=32 or text/asc, or for a style that colours it.",
        MapFormat.Jpeg when pixels.Channels is not (1 or 3) => "JPEG has no opacity.",
        _ => null,
    };

    private static float[] Floats(Raster map)
    {
        if (map.Format.Sample == SampleType.Float32)
            return MemoryMarshal.Cast<byte, float>(map.Pixels).ToArray();
        var floats = new float[map.Pixels.Length];
        for (var i = 0; i < floats.Length; i++)
            floats[i] = map.Pixels[i];
        return floats;
    }

    private static byte[] AsciiGrid(float[] values, MapFrame frame, double? nodata, SampleType sample)
    {
        var text = new StringBuilder(values.Length * 8);
        text.Append(CultureInfo.InvariantCulture, $"ncols        {frame.Width}\nnrows        {frame.Height}\n");
        text.Append(CultureInfo.InvariantCulture, $"xllcorner    {frame.Extent.MinX:R}\nyllcorner    {frame.Extent.MinY:R}\n");
        if (Math.Abs(frame.CellX - frame.CellY) <= 1e-9 * frame.CellX)
            text.Append(CultureInfo.InvariantCulture, $"cellsize     {frame.CellX:R}\n");
        else
            text.Append(CultureInfo.InvariantCulture, $"dx           {frame.CellX:R}\ndy           {frame.CellY:R}\n");
        if (nodata is { } value)
            text.Append(CultureInfo.InvariantCulture, $"NODATA_value {value:R}\n");
        var format = sample == SampleType.Float32 ? "0.###" : "0";
        Span<char> number = stackalloc char[64];
        for (var i = 0; i < values.Length; i++)
        {
            values[i].TryFormat(number, out var length, format, CultureInfo.InvariantCulture);
            text.Append(number[..length]).Append((i + 1) % frame.Width == 0 ? '\n' : ' ');
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
