using System.Diagnostics;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Benchmarks.Kernels;

/// <summary>
/// Nanoseconds of CPU per pixel of each step of the raster chain, on one thread, from pixels in memory: the smaller of three passes. Compare figures
/// of one run only.
/// </summary>
public static class KernelBenchmark
{
    private const int Side = 4400;
    private static readonly PixelFormat _rgb = new(SampleType.UInt8, 3);

    public static void Run(TextWriter output)
    {
        using var lot = Raster.Rent(Side, Side, _rgb);
        Paint(lot);
        var grid = new PixelGrid(0, 0, 1, 1, 4096, 4096);
        var sheet = new SheetResampler(grid, new Lot(lot), new Rotation(), Interpolation.Bicubic);
        var at = sheet.WindowOf(0, 0, 4096, 4096)!.Value;
        using var window = Raster.Rent((int)at.Width, (int)at.Height, _rgb);
        new Lot(lot).Read(at.Col, at.Row, window, default);
        var map = new BlockMap(window);
        using Raster tile = Raster.Rent(256, 256, _rgb), parent = Raster.Rent(256, 256, _rgb);
        using var jpeg = TileEncoder.Create(TileCompression.Jpeg90, _rgb, 256, 256);

        Measure(output, "warp, bicubic, per output pixel", 256 * 65536, () => Tiles((x, y) =>
            sheet.Resample(window, map, at, tile, x, y, x, y, 256, 256)));
        tile.IsFull = true;
        Measure(output, "halve, per input pixel", 256 * 65536, () => Tiles((x, y) => Decimation.Halve(tile, parent, x / 256 % 2, y / 256 % 2)));
        Measure(output, "JPEG 90, per pixel", 256 * 65536, () => Tiles((_, _) => { jpeg.Encode(tile.Pixels); }));

        var set = new TileMatrixSet("B", "EPSG:3857", [.. Enumerable.Range(0, 5).Select(level =>
            new TileMatrix(level.ToString(), 1 << (4 - level), 0, 0, 1 << level, 1 << level))]);
        var plan = new PyramidPlan(set, "4", "2", SlabSize.Default, [new Extent(0, -4096, 4096, 0)]);
        var format = new PyramidBuildFormat(new SlabFormat(TileCompression.Jpeg90, _rgb, SlabSize.Default, [255, 255, 255]), false, Interpolation.Bicubic);
        Measure(output, "region of three levels, per base pixel", 256 * 65536, () =>
        {
            using var build = RegionBuild.FromRasters(plan, plan.Regions(plan.Tiers[0]).First(), format, [new Lot(lot)], () => new Rotation());
            while (build.TryBuildNext(default, out var slab))
                slab.Dispose();
        });
        StyleKernels.Run(output);
    }

    internal static void Measure(TextWriter output, string step, long pixels, Action pass)
    {
        var best = double.MaxValue;
        for (var i = 0; i < 4; i++)
        {
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            pass();
            best = Math.Min(best, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalNanoseconds / pixels);
        }

        output.WriteLine($"{step,-42} {best,7:F2} ns");
    }

    private static void Tiles(Action<int, int> tile)
    {
        for (var i = 0; i < 256; i++)
            tile(i % 16 * 256, i / 16 * 256);
    }

    /// <summary>Slow waves under noise, so that JPEG tiles have the size of an ortho-photo's.</summary>
    private static void Paint(Raster lot)
    {
        lot.Mask.Fill(255);
        lot.IsFull = true;
        uint seed = 1;
        for (var i = 0; i < lot.Pixels.Length; i++)
        {
            seed = (seed * 1664525) + 1013904223;
            lot.Pixels[i] = (byte)(110 + (60 * Math.Sin(i / 3 % Side * 0.02) * Math.Cos(i / 3 / Side * 0.03)) + (seed >> 27));
        }
    }

    /// <summary>About Lambert-93 to web mercator near Paris.</summary>
    private sealed class Rotation : ICoordinateTransform
    {
        public void Transform(Span<double> x, Span<double> y)
        {
            for (var i = 0; i < x.Length; i++)
                (x[i], y[i]) = (60 + (0.982 * x[i]) - (0.004 * y[i]), -60 + (0.982 * y[i]) + (0.004 * x[i]));
        }

        public void Dispose()
        {
        }
    }

    private sealed class Lot(Raster raster) : IRasterSource
    {
        public PixelGrid Grid { get; } = new(0, 0, 1, 1, Side, Side);

        public PixelFormat Format => raster.Format;

        public bool Read(long col, long row, Raster window, CancellationToken cancellation)
        {
            for (var y = 0; y < window.Height; y++)
                raster.Pixels.Slice((int)(((row + y) * Side) + col) * 3, window.Width * 3).CopyTo(window.Pixels[(y * window.Width * 3)..]);
            window.Mask.Fill(255);
            window.IsFull = true;
            return true;
        }
    }
}
