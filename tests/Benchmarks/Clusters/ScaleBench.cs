using System.Diagnostics;
using System.Text.Json;
using Grid.Cli.Cluster;
using Grid.Fixtures;

namespace Grid.Benchmarks.Clusters;

/// <summary>
/// The same lot on one silo with everything on one core, on two silos with a core each, and in one process with two cores. Each is built several times and
/// the shortest counts. The last line is one JSON object.
/// </summary>
internal static class ScaleBench
{
    private const string OneCore = "0";
    private const string OtherCore = "1";
    private const string BothCores = "0,1";

    public static async Task<int> RunAsync(BenchOptions options, int times)
    {
        BenchLot.Files(options);
        var lot = options.Lot is "small" or "medium" ? Path.Combine(options.Data, "lots", options.Lot) : options.Lot;
        var one = await ClusterAsync(lot, 1, times);
        var two = await ClusterAsync(lot, 2, times);
        var process = await ProcessAsync(options, lot, times);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "scale",
            lot = options.Lot,
            one_silo_one_core_seconds = Math.Round(one.TotalSeconds, 2),
            two_silos_two_cores_seconds = Math.Round(two.TotalSeconds, 2),
            one_process_two_cores_seconds = Math.Round(process.TotalSeconds, 2),
            ratio = Math.Round(one / two, 2),
            ratio_of_one_process = Math.Round(one / process, 2),
        }));
        return 0;
    }

    private static async Task<TimeSpan> ClusterAsync(string lot, int silos, int times)
    {
        var data = Directory.CreateTempSubdirectory("grid-scale-").FullName;
        // The private PostgreSQL may run as another user, who must be able to come here.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(data, (UnixFileMode)0b111_101_101);
        var cluster = new LocalCluster(data, Sources.Folder("src"), LocalCluster.Published);
        try
        {
            // What is started has the cores of who starts it.
            await PinAsync(silos == 1 ? OneCore : BothCores, Environment.ProcessId);
            await cluster.UpAsync(silos, RunningGrid.FreePort(), default, threadsPerSilo: 1);
            if (silos == 2)
            {
                await PinAsync(OneCore, cluster.File.Silos[0].Id);
                await PinAsync(OtherCore, cluster.File.Silos[1].Id);
            }

            return await ShortestAsync(cluster.File.Frontend!.Url!, data, lot, $"{silos} silos", times);
        }
        finally
        {
            await PinAsync(BothCores, Environment.ProcessId);
            await cluster.DownAsync(default);
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task<TimeSpan> ProcessAsync(BenchOptions options, string lot, int times)
    {
        await using var grid = await RunningGrid.StartAsync(server: options.Server);
        await PinAsync(BothCores, grid.ProcessId);
        return await ShortestAsync(grid.Address, grid.Data, lot, "one process", times);
    }

    private static async Task<TimeSpan> ShortestAsync(Uri address, string data, string lot, string what, int times)
    {
        using var producer = await GridProducer.OfAsync(address, data);
        var upload = await producer.UploadAsync(lot, "lot", BenchLot.Crs);
        var shortest = TimeSpan.MaxValue;
        // The first build compiles methods and is left out.
        for (var i = 0; i <= times; i++)
        {
            var since = Stopwatch.GetTimestamp();
            await producer.BuildAsync(upload, $"scale-{i}", []);
            var took = Stopwatch.GetElapsedTime(since);
            Console.WriteLine($"{what}: {took.TotalSeconds:0.00} s{(i == 0 ? " (first, not counted)" : "")}");
            if (i > 0 && took < shortest)
                shortest = took;
        }

        return shortest;
    }

    private static async Task PinAsync(string cores, int process) =>
        (await Programs.RunAsync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, $"{process}"])).Expect();
}
