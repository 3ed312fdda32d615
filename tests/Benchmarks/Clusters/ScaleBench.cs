using System.Diagnostics;
using System.Text.Json;
using Grid.Cli.Cluster;
using Grid.Fixtures;

namespace Grid.Benchmarks.Clusters;

/// <summary>
/// The same lot on one silo with everything on one core, on two silos with a core each, and in one process with two cores. All three are started first and build
/// in turns, so that what else the machine does falls on each alike; the medians count. The last line is one JSON object.
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
        await using var one = await Side.OfClusterAsync(lot, 1);
        await using var two = await Side.OfClusterAsync(lot, 2);
        await using var process = await Side.OfProcessAsync(options, lot);
        // The first build of each compiles methods and is left out.
        for (var i = 0; i <= times; i++)
        {
            foreach (var side in (Side[])[one, two, process])
                await side.BuildAsync(i);
        }

        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "scale",
            lot = options.Lot,
            times,
            one_silo_one_core_seconds = Math.Round(one.Median, 2),
            two_silos_two_cores_seconds = Math.Round(two.Median, 2),
            one_process_two_cores_seconds = Math.Round(process.Median, 2),
            ratio = Math.Round(one.Median / two.Median, 2),
            ratio_of_one_process = Math.Round(one.Median / process.Median, 2),
        }));
        return 0;
    }

    private static async Task PinAsync(string cores, int process) =>
        (await Programs.RunAsync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, $"{process}"])).Expect();

    /// <summary>A grid with the lot, and what its builds took.</summary>
    private sealed class Side(string name, GridProducer producer, Func<ValueTask> stop) : IAsyncDisposable
    {
        private readonly List<double> _seconds = [];
        private string _upload = "";

        public double Median => _seconds.Order().ElementAt(_seconds.Count / 2);

        public static async Task<Side> OfClusterAsync(string lot, int silos)
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

                var producer = await GridProducer.OfAsync(cluster.File.Frontend!.Url!, data);
                return await new Side($"{silos} silos", producer, StopAsync).UploadAsync(lot);
            }
            catch
            {
                await StopAsync();
                throw;
            }
            finally
            {
                await PinAsync(BothCores, Environment.ProcessId);
            }

            async ValueTask StopAsync()
            {
                await cluster.DownAsync(default);
                Directory.Delete(data, recursive: true);
            }
        }

        public static async Task<Side> OfProcessAsync(BenchOptions options, string lot)
        {
            var grid = await RunningGrid.StartAsync(server: options.Server);
            await PinAsync(BothCores, grid.ProcessId);
            return await new Side("one process", await GridProducer.OfAsync(grid.Address, grid.Data), grid.DisposeAsync).UploadAsync(lot);
        }

        /// <summary>Builds once; the first time is not counted.</summary>
        public async Task BuildAsync(int number)
        {
            var since = Stopwatch.GetTimestamp();
            await producer.BuildAsync(_upload, $"scale-{number}", []);
            var took = Stopwatch.GetElapsedTime(since).TotalSeconds;
            Console.WriteLine($"{name}: {took:0.00} s{(number == 0 ? " (first, not counted)" : "")}");
            if (number > 0)
                _seconds.Add(took);
        }

        public async ValueTask DisposeAsync()
        {
            producer.Dispose();
            await stop();
        }

        private async Task<Side> UploadAsync(string lot)
        {
            _upload = await producer.UploadAsync(lot, "lot", BenchLot.Crs);
            return this;
        }
    }
}
