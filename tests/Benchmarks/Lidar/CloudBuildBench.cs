using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Cli.Lots.Lidar;
using Grid.Grains.PointClouds;
using Grid.Interfaces.PointClouds;
using Grid.PointCloud.Octree;
using Grid.Storage.FileSystem;

namespace Grid.Benchmarks.Lidar;

/// <summary>
/// Builds COPC files of blocks of LAZ tiles with the units that grains run, without grains, server or database: what a build on the platform cannot go below.
/// Then the same tiles through a server of its own, from their launch to stored data, and through PDAL's writers.copc and untwine where these are installed.
/// </summary>
internal static class CloudBuildBench
{
    private const string Crs = "EPSG:2154";
    private static readonly string[] s_peers = ["pdal", "untwine"];

    private const double PointsOfTile = 17e6, PointsOfUnitDensity = 1.85e6;

    /// <param name="options">Its lot is a folder of LAZ files, or the name of no folder for blocks made here.</param>
    /// <param name="sizes">Points of the blocks, in millions, separated by commas.</param>
    /// <param name="only">What is built: block, tiles, both, or tileset for the block and its 3D Tiles; null for block and both.</param>
    /// <param name="withServer">Whether the same tiles are delivered to a server too.</param>
    public static async Task<int> RunAsync(BenchOptions options, string sizes, string? only, bool withServer)
    {
        var lots = new List<string>();
        if (Directory.Exists(options.Lot))
            lots.Add(options.Lot);
        else
        {
            foreach (var size in sizes.Split(','))
                lots.Add(await MakeAsync(options, double.Parse(size, CultureInfo.InvariantCulture) * 1e6));
        }

        var rows = new JsonArray();
        Console.Error.WriteLine("  M points  files      M points/s  a core  CPU s a M points  peak MiB");
        foreach (var lot in lots)
        {
            foreach (var outputs in only is null ? ["block", "both"] : new[] { only })
                rows.Add(await BuildAsync(options, lot, outputs));
            if (withServer)
                rows.Add(await DeliverAsync(options, lot));
            foreach (var peer in s_peers.Where(MeasuredProcess.IsInstalled))
                rows.Add(await PeerAsync(options, lot, peer));
        }

        var result = new JsonObject { ["bench"] = "lidar --build", ["cores"] = Environment.ProcessorCount };
        foreach (var peer in s_peers)
        {
            result[peer] = MeasuredProcess.IsInstalled(peer) ? "installed" : "not installed";
            if (!MeasuredProcess.IsInstalled(peer))
                Console.Error.WriteLine($"  {peer}: not installed");
        }

        result["builds"] = rows;
        Console.WriteLine(result.ToJsonString());
        return 0;
    }

    /// <summary>A block of tiles of a square kilometre, as dense as makes so many points.</summary>
    private static async Task<string> MakeAsync(BenchOptions options, double points)
    {
        var folder = Path.Combine(options.Data, "lidar", FormattableString.Invariant($"block-{points / 1e6:0.#}"));
        if (Directory.Exists(folder))
            return folder;
        var tiles = Math.Max(1, Math.Round(points / PointsOfTile));
        var columns = (int)Math.Ceiling(Math.Sqrt(tiles));
        var rows = (int)Math.Ceiling(tiles / columns);
        await Cli.Lots.Lidar.LidarLot.GenerateAsync(folder + ".part", new LidarLotOptions
        {
            Columns = columns, Rows = rows, Density = points / (PointsOfUnitDensity * columns * rows), PointFormat = 6,
        });
        Directory.Move(folder + ".part", folder);
        return folder;
    }

    private static async Task<JsonObject> BuildAsync(BenchOptions options, string lot, string outputs)
    {
        var run = await MeasuredProcess.RunAsync(
            "dotnet", [typeof(CloudBuildBench).Assembly.Location, "lidar", "--build-one", lot, "--outputs", outputs, "--data", options.Data], echo: false);
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"The build of {lot} ended with {run.ExitCode}: {run.Errors}");
        var row = JsonNode.Parse(run.Output.Trim().Split('\n')[^1])!.AsObject();
        row["peak_mib"] = Math.Round(run.PeakMib);
        return Tell(row);
    }

    /// <summary>One build in a process of its own, so that memory is what this build takes.</summary>
    public static async Task<int> BuildOneAsync(BenchOptions options, string lot, string outputs)
    {
        var work = Path.Combine(options.Data, "lidar", "work");
        if (Directory.Exists(work))
            Directory.Delete(work, recursive: true);
        using var uploads = new FileObjectStore(lot);
        using var made = new FileObjectStore(work);
        var units = new PointCloudUnits(uploads, made);
        var files = Directory.EnumerateFiles(lot, "*.laz").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal).ToList();
        var watch = Stopwatch.StartNew();
        var order = new PointCloudBuildOrder
        {
            Name = "block", StoragePrefix = "made", Sources = [.. files.Select(file => new SourceCloud(file, file))], Crs = Crs,
            Outputs = outputs switch { "block" or "tileset" => PointCloudOutputs.Block, "tiles" => PointCloudOutputs.Tiles, _ => PointCloudOutputs.Block | PointCloudOutputs.Tiles },
        };
        var tiles = new List<CloudTile>();
        foreach (var file in files)
            tiles.Add(await CloudTile.ReadAsync(new PointCloud.FileByteSource(Path.Combine(lot, file))));
        var points = tiles.Sum(tile => (long)tile.Header.PointCount);
        var position = 0;
        var all = new List<CloudOutput>();
        if (outputs != "tiles" && (files.Count > 1 || outputs != "both"))
            all.Add(new CloudOutput(order, "bench", position++, "block", [.. Enumerable.Range(0, files.Count)], true, outputs == "tileset", points));
        if (outputs is "tiles" or "both")
            all.AddRange(files.Select((file, i) => new CloudOutput(order, "bench", position++, Path.GetFileNameWithoutExtension(file), [i], false, false, (long)tiles[i].Header.PointCount)));

        var tiers = new List<double>();
        var block = all.Find(output => output.IsBlock);
        foreach (var output in all)
        {
            if (output != block && block?.HoldsFileOf(output) is true)
                continue;
            var plan = OctreePlan.Of([.. output.Sources.Select(source => tiles[source])], CrsText.WktOf(Crs));
            List<CloudOutput.TileOfBlock> candidates = output != block ? [] :
            [
                .. from tile in all
                   where tile != block && plan.PlanOf(tiles[tile.Sources[0]], CrsText.WktOf(Crs)) is not null
                   select new CloudOutput.TileOfBlock(tile.Sources[0], plan.OctantOf(tiles[tile.Sources[0]].Header)!.Value, tile),
            ];
            await output.OpenAsync(plan, 0, _ => candidates, made, default);
            while (true)
            {
                var began = watch.Elapsed;
                await RunAsync(output, units);
                tiers.Add(Math.Round((watch.Elapsed - began).TotalSeconds, 2));
                if (output.HasLastTier)
                    break;
                await output.AdvanceAsync(made, default);
                if (output.IsPastCells && Directory.Exists(Path.Combine(work, output.SplitPrefix)))
                    Directory.Delete(Path.Combine(work, output.SplitPrefix), recursive: true);
            }
        }

        var seconds = watch.Elapsed.TotalSeconds;
        var cpu = Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            what = outputs,
            points,
            files = all.Count,
            seconds = Math.Round(seconds, 2),
            mpoints_per_s = Math.Round(points / seconds / 1e6, 3),
            mpoints_per_s_core = Math.Round(points / cpu / 1e6, 3),
            cpu_s_per_mpoint = Math.Round(cpu * 1e6 / points, 3),
            tier_seconds = tiers,
            input_megabytes = files.Sum(file => new FileInfo(Path.Combine(lot, file)).Length) / 1_000_000,
            output_megabytes = Directory.EnumerateFiles(Path.Combine(work, "made", "files")).Sum(file => new FileInfo(file).Length) / 1_000_000,
        }));
        Directory.Delete(work, recursive: true);
        return 0;
    }

    /// <summary>Runs the units of a tier, one a core at a time, as a silo does.</summary>
    private static async Task RunAsync(CloudOutput output, PointCloudUnits units)
    {
        var running = new Dictionary<Task<(long Points, PointCloudFile? File)>, PointCloudUnitOrder>();
        while (!output.IsTierDone)
        {
            while (output.HasReady && running.Count < Environment.ProcessorCount)
            {
                var unit = output.TakeReady();
                var threads = Math.Max(1, Environment.ProcessorCount / (running.Count + 1));
                running.Add(Task.Run(() => units.RunAsync(unit, threads, default)), unit);
            }

            var done = await Task.WhenAny(running.Keys);
            var (points, file) = await done;
            output.End(running[done], points, file);
            running.Remove(done);
        }
    }

    private static async Task<JsonObject> DeliverAsync(BenchOptions options, string lot)
    {
        var data = Path.Combine(options.Data, "lidar", "server");
        if (Directory.Exists(data))
            Directory.Delete(data, recursive: true);
        var watch = Stopwatch.StartNew();
        var run = await MeasuredProcess.RunAsync("dotnet", [options.Cli, "demo", "--lidar", lot, "--data", data, "--exit", "--server", options.Server], echo: true);
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"The delivery of {lot} ended with {run.ExitCode}.");
        var told = JsonNode.Parse(run.Output.Trim().Split('\n')[^1])!.AsObject();
        Directory.Delete(data, recursive: true);
        return Tell(new JsonObject
        {
            ["what"] = "delivered",
            ["points"] = (long)told["points"]!,
            ["seconds"] = (double)told["seconds"]!,
            ["mpoints_per_s"] = (double)told["mpoints_per_s"]!,
            ["peak_mib"] = (double)told["peak_rss_mib"]!,
            ["seconds_from_start_to_end"] = Math.Round(watch.Elapsed.TotalSeconds, 1),
        });
    }

    private static async Task<JsonObject> PeerAsync(BenchOptions options, string lot, string peer)
    {
        var output = Path.Combine(options.Data, "lidar", $"{peer}.copc.laz");
        var files = Directory.EnumerateFiles(lot, "*.laz").Order(StringComparer.Ordinal).ToList();
        var points = 0L;
        foreach (var file in files)
            points += (long)(await CloudTile.ReadAsync(new PointCloud.FileByteSource(file))).Header.PointCount;
        var (description, work) = (Path.Combine(options.Data, "lidar", "pdal.json"), Path.Combine(options.Data, "lidar", "untwine"));
        var pipeline = new JsonArray([.. files.Select(file => (JsonNode)file), new JsonObject { ["type"] = "writers.copc", ["filename"] = output, ["forward"] = "all" }]);
        await File.WriteAllTextAsync(description, pipeline.ToJsonString());
        Directory.CreateDirectory(work);
        var run = await MeasuredProcess.RunAsync(peer, peer == "pdal" ? ["pipeline", description] : ["--files", lot, "--output_file", output, "--temp_dir", work]);
        Directory.Delete(work, recursive: true);
        File.Delete(description);
        File.Delete(output);
        return Tell(new JsonObject
        {
            ["what"] = run.ExitCode == 0 ? peer : $"{peer} ended with {run.ExitCode}: {run.Errors}",
            ["points"] = points,
            ["seconds"] = Math.Round(run.Seconds, 2),
            ["mpoints_per_s"] = Math.Round(points / run.Seconds / 1e6, 3),
            ["peak_mib"] = Math.Round(run.PeakMib),
        });
    }

    private static JsonObject Tell(JsonObject row)
    {
        Console.Error.WriteLine($"  {(long)row["points"]! / 1e6,8:F1}  {(string)row["what"]!,-10} {(double)row["mpoints_per_s"]!,10:F2}  {row["mpoints_per_s_core"],6}  {row["cpu_s_per_mpoint"],16}  {row["peak_mib"],8}");
        return row;
    }
}
