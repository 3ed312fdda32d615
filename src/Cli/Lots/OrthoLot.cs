using System.Globalization;

namespace Grid.Cli.Lots;

/// <summary>
/// Makes a lot of RGB GeoTIFF dalles like a department's ortho-photo, in EPSG:2154, from nothing. The picture is a pure function of (seed, place),
/// but for the outline of the lot: dalles join without a seam, and two runs give the same bytes.
/// </summary>
public static class OrthoLot
{
    /// <summary>Pixels on a side of the largest dalle that a TIFF of 4 GiB holds.</summary>
    public const int MostPixels = 37_000;

    private const int WestMeters = 650_000;
    private const int NorthMeters = 6_870_000;
    private const int RowsAtOnce = 64;

    /// <summary>Two by two dalles of 2500 pixels at 20 cm: 25 Mpix.</summary>
    public static IReadOnlyList<string> GenerateSmall(string folder, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        Generate(folder, 2, 2, 2500, 0.2, 1, progress, cancellation: cancellation);

    /// <summary>Four by four dalles of 5000 pixels at 20 cm: 400 Mpix, 1.2 GB.</summary>
    public static IReadOnlyList<string> GenerateMedium(string folder, IProgress<double>? progress = null, CancellationToken cancellation = default) =>
        Generate(folder, 4, 4, 5000, 0.2, 1, progress, cancellation: cancellation);

    /// <summary>Writes the dalles into a folder, on all processors; dalles wholly outside the lot's outline are not written.</summary>
    /// <param name="sizePixels">Pixels on a side of a dalle.</param>
    /// <param name="progress">Goes from 0 to 1.</param>
    /// <param name="nodata">What the pixels outside the outline hold, declared in each file.</param>
    /// <returns>Paths of the files written, row by row from the north-west.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A count or size is not positive, or a dalle passes 4 GiB.</exception>
    public static IReadOnlyList<string> Generate(
        string folder, int columns, int rows, int sizePixels, double pixelMeters, int seed = 1, IProgress<double>? progress = null,
        byte nodata = 255, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sizePixels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pixelMeters);
        Directory.CreateDirectory(folder);
        var dalleMeters = sizePixels * pixelMeters;
        var footprint = new Footprint(WestMeters, NorthMeters, columns * dalleMeters, rows * dalleMeters, (uint)seed);
        var written = new string?[columns * rows];
        long rowsDone = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        Parallel.For(0, written.Length, options, dalle =>
        {
            int col = dalle % columns, row = dalle / columns;
            var path = Path.Combine(folder, NameOf(WestMeters + (col * dalleMeters), NorthMeters - (row * dalleMeters), dalleMeters, pixelMeters));
            if (Write(path, footprint, col, row, sizePixels, pixelMeters, (uint)seed, nodata, Advance, cancellation))
                written[dalle] = path;
            else
                File.Delete(path);
        });
        return [.. written.OfType<string>()];

        void Advance(int count) => progress?.Report((double)Interlocked.Add(ref rowsDone, count) / ((double)written.Length * sizePixels));
    }

    private static bool Write(
        string path, Footprint footprint, int col, int row, int size, double pixelMeters, uint seed, byte nodata,
        Action<int> advance, CancellationToken cancellation)
    {
        // Pixels are counted from the CRS's own origin, so that every dalle of every lot lies on one grid.
        var firstCol = (int)Math.Round(WestMeters / pixelMeters) + (col * size);
        var firstRow = (int)Math.Round(-NorthMeters / pixelMeters) + (row * size);
        var painter = new OrthoPainter(seed, footprint, pixelMeters, firstCol, size, firstRow, size, nodata);
        var rgb = new byte[size * 3 * Math.Min(RowsAtOnce, size)];
        var isAnyInside = false;
        using var tiff = new OrthoTiff(path, size, size, WestMeters + (col * size * pixelMeters), NorthMeters - (row * size * pixelMeters), pixelMeters, nodata);
        for (var top = 0; top < size; top += RowsAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(RowsAtOnce, size - top);
            for (var y = 0; y < count; y++)
                isAnyInside |= painter.Paint(firstRow + top + y, rgb.AsSpan(y * size * 3, size * 3));
            tiff.Write(rgb.AsSpan(0, count * size * 3));
            advance(count);
        }

        return isAnyInside;
    }

    // Kilometres of the upper-left corner, as dalles are named; metres when dalles are not whole kilometres.
    private static string NameOf(double west, double north, double dalleMeters, double pixelMeters)
    {
        var place = dalleMeters % 1000 == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{west / 1000:0000}-{north / 1000:0000}")
            : string.Create(CultureInfo.InvariantCulture, $"{west:0000000}-{north:0000000}");
        var centimetres = (int)Math.Round(pixelMeters * 100);
        return string.Create(CultureInfo.InvariantCulture, $"95-2024-{place}-LA93-{centimetres / 100}M{centimetres % 100:00}-E080.tif");
    }
}
