using System.Diagnostics;
using System.Text.Json.Nodes;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Gdal;
using Grid.Imaging.Resampling;
using Grid.Imaging.Sources;
using Grid.Tiling;

namespace Grid.Benchmarks.Kernels;

/// <summary>
/// What a pyramid of a lot (PM, JPEG 90, bicubic) cannot go below on this machine now: each step alone, on one core, over the lot's own pixels. Reading is
/// the files' bytes from the page cache; warp, halving and encoding work on tiles in memory. The last line is one JSON object.
/// </summary>
internal static class FloorBench
{
    private const string Mercator = "EPSG:3857";
    private const int Tile = 256;
    private const int Tiles = 12;
    private const int Passes = 3;

    public static int Run(BenchOptions options)
    {
        Console.WriteLine(Measure(options).ToJsonString());
        return 0;
    }

    /// <summary>Steps in nanoseconds a pixel, their sum for an input pixel of a whole pyramid, and the rate on all cores that this allows.</summary>
    public static JsonObject Measure(BenchOptions options)
    {
        var files = BenchLot.Files(options);
        using var lot = LotSources.Open([.. files.Select(file => (file, Path.GetFileName(file)))], BenchLot.Crs);
        var read = Best(lot.Pixels, () => ReadAll(files));

        var source = lot[0];
        var set = TileMatrixSets.Find("PM")!;
        var extent = CrsExtent.Transform(lot.RasterExtents.First(), lot.Crs, Mercator);
        var cell = set.ForResolution(lot.CellSize * extent.Width / lot.RasterExtents.First().Width).CellSize;
        double left = ((extent.MinX + extent.MaxX) / 2) - (Tiles * Tile * cell / 2), top = ((extent.MinY + extent.MaxY) / 2) + (Tiles * Tile * cell / 2);
        using var transform = new GdalCoordinateTransform(Mercator, lot.Crs);
        var resampler = new SheetResampler(new PixelGrid(left, top, cell, cell, Tiles * Tile, Tiles * Tile), source, transform, Interpolation.Bicubic);
        var at = resampler.WindowOf(0, 0, Tiles * Tile, Tiles * Tile) ?? throw new InvalidOperationException("The lot is not where its first raster is.");
        using var window = Raster.Rent((int)at.Width, (int)at.Height, source.Format);
        source.Read(at.Col, at.Row, window, default);
        var map = new BlockMap(window);
        var tiles = Enumerable.Range(0, Tiles * Tiles).Select(_ => Raster.Rent(Tile, Tile, source.Format)).ToArray();
        using var parent = Raster.Rent(Tile, Tile, source.Format);
        using var jpeg = TileEncoder.Create(TileCompression.Jpeg90, source.Format, Tile, Tile);

        var warp = BestOfTiles((tile, col, row) => tile.IsFull = resampler.Resample(window, map, at, tile, col, row, col, row, Tile, Tile));
        var halve = BestOfTiles((tile, col, row) => Decimation.Halve(tile, parent, col / Tile % 2, row / Tile % 2));
        long bytes = 0;
        var encode = BestOfTiles((tile, _, _) => bytes += jpeg.Encode(tile.Pixels).Length);
        foreach (var tile in tiles)
            tile.Dispose();

        // Pixels of the bottom level for one of the lot's; the levels above add a third.
        var made = extent.Width * extent.Height / cell / cell / (lot.Pixels / files.Count);
        var sum = read + (made * (warp + ((halve + encode) * 4 / 3)));
        return new JsonObject
        {
            ["bench"] = "floor",
            ["lot"] = options.Lot,
            ["input_mpix"] = lot.Pixels / 1e6,
            ["read_ns"] = Math.Round(read, 2),
            ["warp_ns"] = Math.Round(warp, 2),
            ["halve_ns"] = Math.Round(halve, 2),
            ["encode_ns"] = Math.Round(encode, 2),
            ["tile_bytes"] = bytes / (Passes * tiles.Length),
            ["ns_per_input_pixel"] = Math.Round(sum, 2),
            ["cores"] = Environment.ProcessorCount,
            ["mpix_per_s"] = Math.Round(Environment.ProcessorCount * 1e3 / sum, 1),
        };

        double BestOfTiles(Action<Raster, int, int> step) => Best((long)tiles.Length * Tile * Tile, () =>
        {
            for (var i = 0; i < tiles.Length; i++)
                step(tiles[i], i % Tiles * Tile, i / Tiles * Tile);
        });
    }

    /// <summary>Nanoseconds of this process's CPU for a pixel: the least of a few passes.</summary>
    private static double Best(long pixels, Action pass)
    {
        var best = double.MaxValue;
        for (var i = 0; i < Passes; i++)
        {
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            pass();
            best = Math.Min(best, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalNanoseconds / pixels);
        }

        return best;
    }

    private static void ReadAll(IReadOnlyList<string> files)
    {
        var buffer = new byte[1 << 20];
        foreach (var file in files)
        {
            using var handle = File.OpenHandle(file);
            for (long offset = 0, count; (count = RandomAccess.Read(handle, buffer, offset)) > 0; offset += count)
            {
            }
        }
    }
}
