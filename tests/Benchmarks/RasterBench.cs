using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Benchmarks.Kernels;

namespace Grid.Benchmarks;

/// <summary>
/// Builds a lot's pyramid (PM, all levels, JPEG 90, bicubic) through the whole platform, and the same lot with GDAL's COG driver
/// (GoogleMapsCompatible, JPEG 90, cubic, average overviews), one after the other on the same machine, with the floor that <see cref="FloorBench"/> measures there.
/// </summary>
internal static class RasterBench
{
    public static async Task<int> RunAsync(BenchOptions options)
    {
        Directory.CreateDirectory(options.Data);
        var work = Path.Combine(options.Data, "raster");
        if (Directory.Exists(work))
            Directory.Delete(work, recursive: true);
        var ours = await MeasuredProcess.RunAsync("dotnet",
            [options.Cli, "demo", "--lot", options.Lot, "--data", work, "--exit", "--server", options.Server], echo: true);
        if (ours.ExitCode != 0)
            return Fail($"our build ended with exit code {ours.ExitCode}");
        var result = JsonNode.Parse(ours.Output.Trim().Split('\n')[^1])!.AsObject();
        var rate = (double)result["mpix_per_s"]!;
        var pixels = (double)result["input_pixels"]!;

        var lot = options.Lot is "small" or "medium" ? Path.Combine(work, "lots", options.Lot) : options.Lot;
        var floor = FloorBench.Measure(options with { Lot = lot });
        Console.Error.WriteLine(floor.ToJsonString());
        var peer = await CogAsync(options, lot, pixels);
        var line = new JsonObject
        {
            ["bench"] = "raster",
            ["lot"] = options.Lot,
            ["input_mpix"] = pixels / 1e6,
            ["ours"] = new JsonObject { ["mpix_per_s"] = rate, ["seconds"] = result["seconds"]!.DeepClone(), ["peak_mib"] = Math.Round(ours.PeakMib) },
            ["floor"] = floor,
            ["peers"] = new JsonObject { ["gdal_cog"] = peer, ["rok4"] = Rok4() },
            ["ratios"] = new JsonObject
            {
                ["floor"] = Math.Round(rate / (double)floor["mpix_per_s"]!, 2),
                ["gdal_cog"] = peer["mpix_per_s"] is { } theirs ? Math.Round(rate / (double)theirs, 2) : null,
            },
        };
        Console.WriteLine(line.ToJsonString());
        return 0;
    }

    private static async Task<JsonObject> CogAsync(BenchOptions options, string lot, double pixels)
    {
        if (!MeasuredProcess.IsInstalled("gdal_translate"))
            return new JsonObject { ["missing"] = "gdal_translate is not installed (Debian package gdal-bin)" };
        var mosaic = Path.Combine(options.Data, "peer.vrt");
        var output = Path.Combine(options.Data, "peer.tif");
        var files = Directory.EnumerateFiles(lot, "*.tif").Order(StringComparer.Ordinal).ToList();
        await MeasuredProcess.RunAsync("gdalbuildvrt", ["-q", "-overwrite", mosaic, .. files]);
        Console.Error.WriteLine($"GDAL COG driver over {files.Count} rasters");
        var run = await MeasuredProcess.RunAsync("gdal_translate",
        [
            "-q", "-of", "COG", "-co", "TILING_SCHEME=GoogleMapsCompatible", "-co", "COMPRESS=JPEG", "-co", "QUALITY=90", "-co", "ADD_ALPHA=NO",
            "-co", "WARP_RESAMPLING=CUBIC", "-co", "OVERVIEW_RESAMPLING=AVERAGE", "-co", "NUM_THREADS=2", "-co", "BIGTIFF=YES", mosaic, output,
        ]);
        var bytes = File.Exists(output) ? new FileInfo(output).Length : 0;
        File.Delete(output);
        return run.ExitCode == 0
            ? new JsonObject
            {
                ["mpix_per_s"] = Math.Round(pixels / 1e6 / run.Seconds, 2),
                ["seconds"] = Math.Round(run.Seconds, 2),
                ["peak_mib"] = Math.Round(run.PeakMib),
                ["megabytes"] = Math.Round(bytes / 1e6, 1),
            }
            : new JsonObject { ["failed"] = run.Errors.Trim() };
    }

    // What it makes depends on a site's configuration files: a run of it is set up by hand.
    private static JsonObject Rok4() => new()
    {
        ["missing"] = MeasuredProcess.IsInstalled("be4-file.pl") ? "be4-file.pl is installed; it needs a configuration of its own, and is not run here"
            : "be4-file.pl of ROK4 is not installed (no Debian package)",
    };

    private static int Fail(string reason)
    {
        Console.WriteLine(JsonSerializer.Serialize(new { bench = "raster", failed = reason }));
        return 1;
    }
}
