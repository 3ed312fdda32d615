using System.Globalization;
using Grid.Fixtures;

namespace Grid.Clients.Tests;

/// <summary>A lot of one sheet of hills: Float32 metres, aligned with the pixels of the tile matrix set <c>2154_10m</c>.</summary>
internal static class ReliefLot
{
    public const int Side = 500;
    private const double Cell = 10, Left = 700_000, Top = 6_600_000;

    /// <summary>Makes the lot in a folder; returns the sheet.</summary>
    public static async Task<string> GenerateAsync(string folder)
    {
        var values = new float[Side * Side];
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y) = (i % Side, i / Side);

            // Steep and gentle hills, and a plain that faces nowhere.
            values[i] = x < 60 ? 400 : (float)(800 + (300 * Math.Sin(x * 0.03)) + (200 * Math.Cos(y * 0.04)) + (15 * Math.Sin((x + (2 * y)) * 0.31)));
        }

        var bytes = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        var raw = Directory.CreateTempSubdirectory("grid-relief-").FullName;
        var (samples, sheet) = (Path.Combine(raw, "relief.bin"), Path.Combine(folder, "relief.tif"));
        await File.WriteAllBytesAsync(samples, bytes);
        await File.WriteAllTextAsync(Path.ChangeExtension(samples, ".hdr"), $"ENVI\nsamples = {Side}\nlines = {Side}\nbands = 1\ndata type = 4\ninterleave = bsq\nbyte order = 0\n");
        (await Programs.RunAsync("gdal_translate", ["-q", "-a_srs", "EPSG:2154", "-a_ullr", Text(Left), Text(Top), Text(Left + (Side * Cell)), Text(Top - (Side * Cell)), samples, sheet])).Expect();
        Directory.Delete(raw, recursive: true);
        return sheet;

        static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
