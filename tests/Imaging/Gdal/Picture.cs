using System.Globalization;

namespace Grid.Imaging.Tests.Gdal;

/// <summary>Rasters with known samples, written by GDAL's own tools in any form that they can write.</summary>
internal static class Picture
{
    /// <summary>Samples [row, col, band] that differ from one another and compress badly.</summary>
    internal static byte[] Samples(int width, int height, int bands, int seed = 1)
    {
        var samples = new byte[width * height * bands];
        new Random(seed).NextBytes(samples);
        for (var i = 0; i < samples.Length; i++)
            samples[i] = (byte)(1 + ((((i / bands % width) + (i / bands / width)) + (samples[i] & 63)) % 250));
        return samples;
    }

    /// <summary>Writes a raster by gdal_translate; without <paramref name="options"/> a north-up GeoTIFF in EPSG:2154 with cells of 0.5 m at (1000, 2000).</summary>
    internal static string Write(RasterFolder folder, string name, byte[] samples, int width, int height, int bands, params string[] options)
    {
        var raw = folder.File(name + ".raw");
        File.WriteAllBytes(raw, samples);
        File.WriteAllText(raw + ".hdr", string.Create(CultureInfo.InvariantCulture,
            $"ENVI\nsamples = {width}\nlines = {height}\nbands = {bands}\nheader offset = 0\nfile type = ENVI Standard\ndata type = 1\ninterleave = bip\nbyte order = 0\n"));
        var path = folder.File(name);
        GdalTool.Run("gdal_translate", ["-q", .. options, raw, path]);
        return path;
    }

    /// <summary>The options that place a raster: CRS and corners from its upper left one.</summary>
    internal static string[] At(double west, double north, int width, int height, double cell = 0.5, string crs = "EPSG:2154") =>
    [
        "-a_srs", crs, "-a_ullr", Text(west), Text(north), Text(west + (width * cell)), Text(north - (height * cell)),

    ];

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
