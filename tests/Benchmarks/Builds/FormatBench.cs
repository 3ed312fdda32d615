using System.Diagnostics;
using System.Text.Json.Nodes;
using Grid.Imaging;
using Grid.Imaging.Sources;

namespace Grid.Benchmarks.Builds;

/// <summary>
/// What a lot's compression costs its build: the lot's files are decoded alone, and the pyramids of them and of the uncompressed lot are built, without server,
/// on the same processors one after the other. A build cannot take less than decoding and the uncompressed build together.
/// </summary>
internal static class FormatBench
{
    /// <summary>Side of the windows that are decoded: large enough that few blocks are met twice.</summary>
    private const int Window = 2048;

    // As IGN delivers: lossy JPEG 2000 of about a tenth, and JPEG tiles in TIFF.
    private static readonly Dictionary<string, (string Extension, string[] Options)> Formats = new()
    {
        ["jp2"] = (".jp2", ["-of", "JP2OpenJPEG", "-co", "QUALITY=10", "-co", "BLOCKXSIZE=1024", "-co", "BLOCKYSIZE=1024"]),
        ["jpeg"] = (".tif", ["-of", "GTiff", "-co", "COMPRESS=JPEG", "-co", "PHOTOMETRIC=YCBCR", "-co", "TILED=YES", "-co", "JPEG_QUALITY=90"]),
    };

    /// <param name="options">The uncompressed lot.</param>
    /// <param name="format">jp2 or jpeg.</param>
    public static async Task<int> RunAsync(BenchOptions options, string format)
    {
        if (!Formats.TryGetValue(format, out var how) || !MeasuredProcess.IsInstalled("gdal_translate"))
        {
            Console.Error.WriteLine($"\"{format}\": {string.Join(" or ", Formats.Keys)} can be measured, where gdal_translate is installed.");
            return 2;
        }

        var files = BenchLot.Files(options);
        var compressed = await CompressAsync(files, Path.Combine(options.Data, "lots", $"{Path.GetFileName(options.Lot)}-{format}"), how.Extension, how.Options);
        var threads = Environment.ProcessorCount;
        // Compiles what all of them run.
        await BuildBench.BuildAsync(files[..1], null, threads, 1);
        await BuildBench.BuildAsync(compressed[..1], null, threads, 1);
        var plain = await BuildBench.BuildAsync(files, null, threads, 1);
        var decoding = Decode(compressed, threads);
        var built = await BuildBench.BuildAsync(compressed, null, threads, 1);
        Console.WriteLine(new JsonObject
        {
            ["bench"] = "raster format",
            ["format"] = format,
            ["input_mpix"] = built.Pixels / 1e6,
            ["megabytes"] = Math.Round(compressed.Sum(file => new FileInfo(file).Length) / 1e6),
            ["decoding"] = Took(decoding.Seconds, decoding.CpuSeconds),
            ["uncompressed_build"] = Took(plain.Seconds, plain.CpuSeconds),
            ["build"] = Took(built.Seconds, built.CpuSeconds),
            ["peak_mib"] = built.PeakMib,
            ["ratios"] = new JsonObject
            {
                ["seconds"] = Math.Round(built.Seconds / (decoding.Seconds + plain.Seconds), 2),
                ["cpu_seconds"] = Math.Round(built.CpuSeconds / (decoding.CpuSeconds + plain.CpuSeconds), 2),
            },
        }.ToJsonString());
        return 0;
    }

    private static JsonObject Took(double seconds, double cpu) => new() { ["seconds"] = Math.Round(seconds, 2), ["cpu_seconds"] = Math.Round(cpu, 2) };

    private static async Task<List<string>> CompressAsync(List<string> files, string folder, string extension, string[] how)
    {
        Directory.CreateDirectory(folder);
        List<string> made = [.. files.Select(file => Path.Combine(folder, Path.GetFileNameWithoutExtension(file) + extension))];
        await Parallel.ForEachAsync(files.Zip(made).Where(pair => !File.Exists(pair.Second)), async (pair, _) =>
        {
            // Its extension tells GDAL whether the georeference goes into the file.
            var partial = Path.Combine(folder, "partial-" + Path.GetFileName(pair.Second));
            var run = await MeasuredProcess.RunAsync("gdal_translate", ["-q", .. how, pair.First, partial]);
            if (run.ExitCode != 0)
                throw new InvalidOperationException($"gdal_translate failed: {run.Errors}");
            File.Move(partial, pair.Second);
        });
        return made;
    }

    // As a build reads, but each window once and nothing else.
    private static (double Seconds, double CpuSeconds) Decode(IReadOnlyList<string> files, int threads)
    {
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        Parallel.ForEach(files, new ParallelOptions { MaxDegreeOfParallelism = threads }, file =>
        {
            using var lot = LotSources.Open([(file, Path.GetFileName(file))], BenchLot.Crs);
            var sheet = lot[0];
            using var window = Raster.Rent(Window, Window, lot.Format);
            for (long row = 0; row < sheet.Grid.Height; row += Window)
            {
                for (long col = 0; col < sheet.Grid.Width; col += Window)
                    sheet.Read(col, row, window, default);
            }
        });
        return (watch.Elapsed.TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds);
    }
}
