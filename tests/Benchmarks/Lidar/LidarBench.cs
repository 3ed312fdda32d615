using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.PointCloud;

namespace Grid.Benchmarks.Lidar;

/// <summary>
/// Millions of points a second, decoded and encoded, by one thread and by as many as there are processors; beside laz-perf (npm, one thread) and LASzip's
/// own library where it is installed (one thread). What threads can gain at most is measured too: as many decoders, and encoders, of one thread each side by side,
/// each with points of its own. Each figure is the best of several rounds in which all take turns.
/// </summary>
internal static class LidarBench
{
    private const int Rounds = 4;

    /// <param name="lot">"medium" or "small" for clouds made here, or a folder of LAZ files.</param>
    public static async Task<int> RunAsync(BenchOptions options, int points)
    {
        var work = Path.Combine(options.Data, "lidar");
        Directory.CreateDirectory(work);
        var isMade = options.Lot is "small" or "medium";
        var files = isMade ? await LidarLot.MakeAsync(work, points) : [.. Directory.EnumerateFiles(options.Lot, "*.laz").Order(StringComparer.Ordinal)];
        var rows = new JsonArray();
        Console.Error.WriteLine($"{"file",-34} {"M points",8}  decode: 1 thread, {Environment.ProcessorCount} threads, {Environment.ProcessorCount} decoders apart, laz-perf, LASzip   encode: 1 thread, {Environment.ProcessorCount} threads, {Environment.ProcessorCount} encoders apart, LASzip   (M points/s)");
        foreach (var file in files)
            rows.Add(await MeasureAsync(file, work));
        Console.WriteLine(new JsonObject
        {
            ["bench"] = "lidar",
            ["lot"] = isMade ? $"made, {points} points a file" : options.Lot,
            ["threads"] = Environment.ProcessorCount,
            ["unit"] = "million points a second",
            ["laszip"] = LaszipLibrary.IsInstalled ? "installed" : "not installed (liblaszip.so.8, or the variable LASZIP_LIBRARY)",
            ["laz_perf"] = LazPerfScript() is null ? "not installed (npm ci in tests/Benchmarks)" : "installed",
            ["files"] = rows,
        }.ToJsonString());
        return 0;
    }

    private static async Task<JsonObject> MeasureAsync(string file, string work)
    {
        await using var reader = await PointCloudReader.OpenAsync(file);
        var millions = (double)reader.Header.PointCount / 1e6;
        var records = await RecordsAsync(reader);
        string plain = Path.Combine(work, "plain.las"), written = Path.Combine(work, "written.laz");
        await EncodeAsync(reader, records, plain, 1, compressed: false);
        double decode = double.MaxValue, decodeAll = double.MaxValue, selective = double.MaxValue, encode = double.MaxValue, encodeAll = double.MaxValue;
        double decodeApart = double.MaxValue, encodeApart = double.MaxValue, lazPerf = double.MaxValue, laszip = double.MaxValue, laszipEncode = double.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            decode = Math.Min(decode, await DecodeAsync(reader, PointFields.All, 1));
            if (LaszipLibrary.IsInstalled)
                laszip = Math.Min(laszip, LaszipLibrary.Decode(file));
            lazPerf = Math.Min(lazPerf, await LazPerfAsync(file) ?? double.MaxValue);
            decodeAll = Math.Min(decodeAll, await DecodeAsync(reader, PointFields.All, Environment.ProcessorCount));
            decodeApart = Math.Min(decodeApart, await ApartAsync(async _ =>
            {
                await using var own = await PointCloudReader.OpenAsync(file);
                await DecodeAsync(own, PointFields.All, 1);
            }));
            selective = Math.Min(selective, await DecodeAsync(reader, PointFields.Z | PointFields.Classification, 1));
            encode = Math.Min(encode, await EncodeAsync(reader, records, written, 1));
            if (LaszipLibrary.IsInstalled)
                laszipEncode = Math.Min(laszipEncode, LaszipLibrary.Encode(plain, written));
            encodeAll = Math.Min(encodeAll, await EncodeAsync(reader, records, written, Environment.ProcessorCount));
            encodeApart = Math.Min(encodeApart, await ApartAsync(i => EncodeAsync(reader, records, $"{written}.{i}", 1)));
        }

        JsonNode? Rate(double seconds) => seconds is > 0 and < double.MaxValue ? Math.Round(millions / seconds, 2) : null;
        var name = Path.GetFileName(file);
        Console.Error.WriteLine(
            $"{name,-34} {millions,8:F2}  {Rate(decode),6} {Rate(decodeAll),6} {Rate(decodeApart),6} {Rate(lazPerf),6} {Rate(laszip),6}   {Rate(encode),6} {Rate(encodeAll),6} {Rate(encodeApart),6} {Rate(laszipEncode),6}");
        File.Delete(plain);
        for (var i = 0; i < Environment.ProcessorCount; i++)
            File.Delete($"{written}.{i}");
        File.Delete(written);
        return new JsonObject
        {
            ["file"] = name,
            ["format"] = reader.Header.PointFormat.Number,
            ["points"] = reader.Header.PointCount,
            ["bytes_a_point"] = Math.Round(new FileInfo(file).Length / 1e6 / millions, 2),
            ["decode"] = new JsonObject
            {
                ["one_thread"] = Rate(decode), ["all_threads"] = Rate(decodeAll), ["decoders_apart"] = Rate(decodeApart), ["one_thread_xyz_and_class"] = Rate(selective),
                ["laz_perf"] = Rate(lazPerf), ["laszip"] = Rate(laszip),
            },
            ["encode"] = new JsonObject { ["one_thread"] = Rate(encode), ["all_threads"] = Rate(encodeAll), ["encoders_apart"] = Rate(encodeApart), ["laszip"] = Rate(laszipEncode) },
        };
    }

    private static async Task<byte[]> RecordsAsync(PointCloudReader reader)
    {
        var length = reader.Header.PointFormat.RecordLength;
        var records = new byte[(long)reader.Header.PointCount * length];
        await foreach (var batch in reader.ReadAsync())
        {
            batch.Records.CopyTo(records.AsMemory((int)batch.FirstPoint * length));
            batch.Dispose();
        }

        return records;
    }

    private static async Task<double> DecodeAsync(PointCloudReader reader, PointFields fields, int threads)
    {
        var watch = Stopwatch.StartNew();
        await foreach (var batch in reader.ReadAsync(fields, threads))
            batch.Dispose();
        return watch.Elapsed.TotalSeconds;
    }

    /// <summary>Seconds that as many of a work as there are processors take side by side, each for itself, divided by their number.</summary>
    private static async Task<double> ApartAsync(Func<int, Task> work)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Environment.ProcessorCount).Select(i => Task.Run(() => work(i))));
        return watch.Elapsed.TotalSeconds / Environment.ProcessorCount;
    }

    private static async Task<double> EncodeAsync(PointCloudReader reader, byte[] records, string path, int threads, bool compressed = true)
    {
        var watch = Stopwatch.StartNew();
        await using var output = File.Create(path);
        await using var writer = await PointCloudWriter.CreateAsync(
            output, reader.Header, reader.Records, new PointCloudWriterOptions { Threads = threads, IsCompressed = compressed });
        await writer.WriteAsync(records);
        await writer.FinishAsync();
        return watch.Elapsed.TotalSeconds;
    }

    private static async Task<double?> LazPerfAsync(string file)
    {
        if (LazPerfScript() is not { } script)
            return null;
        var run = await MeasuredProcess.RunAsync("node", [script, "1", file]);
        return run.ExitCode == 0 ? JsonDocument.Parse(run.Output).RootElement.GetProperty("seconds").GetDouble() : null;
    }

    private static string? LazPerfScript()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Grid.sln")))
            folder = folder.Parent;
        var benches = Path.Combine(folder?.FullName ?? "", "tests", "Benchmarks");
        return Directory.Exists(Path.Combine(benches, "node_modules", "laz-perf")) && MeasuredProcess.IsInstalled("node")
            ? Path.Combine(benches, "Lidar", "lazperf.mjs")
            : null;
    }
}
