using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Grid.Cli.Cluster;
using Grid.Cli.Lots;
using Xunit;

namespace Grid.Fixtures.Clusters;

/// <summary>Silos and a frontend, each a process, over a data folder in a temporary place; with a lot that is uploaded and a pyramid of it.</summary>
public sealed class RunningCluster : IAsyncLifetime
{
    /// <summary>A build of the lot takes seconds on a free machine.</summary>
    private static readonly TimeSpan BuildLimit = TimeSpan.FromMinutes(4);

    private const int LinesOfLog = 30;

    /// <summary>Name of the layer that <see cref="PublishOnceAsync"/> publishes.</summary>
    public const string Layer = "tiles";

    private string _data = "";
    private bool _isPublished;

    public int Silos { get; init; } = 3;

    /// <summary>Where in their projects' folders the programs are built: as the tests are, or <see cref="LocalCluster.Published"/>.</summary>
    public string Output { get; init; } = LocalCluster.Built;

    public LocalCluster Cluster { get; private set; } = null!;

    public GridProducer Producer { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    /// <summary>The id of a closed upload.</summary>
    public string Upload { get; private set; } = "";

    /// <summary>Stored data of it that nothing disturbed.</summary>
    public string Undisturbed { get; private set; } = "";

    /// <summary>How long a build takes that nothing disturbs.</summary>
    public TimeSpan BuildTime { get; private set; }

    /// <summary>Small slabs, and so many: there is always a middle to be caught in.</summary>
    public static JsonObject Parameters => new() { ["compression"] = "png", ["bottom"] = "20", ["width"] = 2, ["height"] = 2 };

    public async Task InitializeAsync()
    {
        _data = Directory.CreateTempSubdirectory("grid-cluster-").FullName;
        // The private PostgreSQL may run as another user, who must be able to come here.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(_data, (UnixFileMode)0b111_101_101);
        // Tiles are to come from silos, each time.
        Environment.SetEnvironmentVariable("Grid__Serving__HotTileBytes", "0");
        Cluster = new LocalCluster(_data, Sources.Folder("src"), Output);
        await Cluster.UpAsync(Silos, RunningGrid.FreePort(), default);
        Address = Cluster.File.Frontend!.Url!;
        Producer = await GridProducer.OfAsync(Address, _data);
        var lot = Path.Combine(_data, "lot");
        Directory.CreateDirectory(lot);
        OrthoLot.Generate(lot, 2, 2, 1600, 0.2);
        Upload = await WithinAsync(Producer.UploadAsync(lot, "lot"), BuildLimit, "the delivery of the lot");
        Undisturbed = await WithinAsync(Producer.BuildAsync(Upload, "undisturbed", Parameters), BuildLimit, "the undisturbed build");
        // The first one compiles methods.
        var since = Stopwatch.GetTimestamp();
        await WithinAsync(Producer.BuildAsync(Upload, "timed", Parameters), BuildLimit, "the second build");
        BuildTime = Stopwatch.GetElapsedTime(since);
    }

    public async Task DisposeAsync()
    {
        Producer?.Dispose();
        await Cluster.DownAsync(default);
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>A token of an account that the frontend made at its first start.</summary>
    public Task<string> TokenAsync(string login) => RunningGrid.TokenAsync(Address, _data, login);

    /// <summary>The slabs of the first version of stored data: path below the pyramid's folder, and a digest of the bytes.</summary>
    public SortedDictionary<string, string> Slabs(string storedData, string name)
    {
        var pyramid = Path.Combine(_data, "objects", "pyramids", storedData, "1", name);
        return !Directory.Exists(pyramid)
            ? []
            : new(Directory.EnumerateFiles(pyramid, "*.tif", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(pyramid, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))));
    }

    /// <summary>How many slabs there are so far of the first version of stored data.</summary>
    public int CountSlabs(string storedData, string name)
    {
        var pyramid = Path.Combine(_data, "objects", "pyramids", storedData, "1", name);
        return Directory.Exists(pyramid) ? Directory.EnumerateFiles(pyramid, "*.tif", SearchOption.AllDirectories).Count() : 0;
    }

    /// <summary>Restarts PostgreSQL as an administrator would, sessions being ended, and waits until it answers again.</summary>
    public async Task RestartDatabaseAsync()
    {
        var pidFile = Path.Combine(_data, "postgres", "postmaster.pid");
        var before = File.ReadLines(pidFile).First();
        // PostgreSQL's fast shutdown; who keeps the server starts it again.
        (await Programs.RunAsync("kill", ["-INT", before])).Expect();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        await UntilAsync(
            async () =>
            {
                try
                {
                    return File.ReadLines(pidFile).First() != before && (await http.GetAsync(new Uri(Address, "health/ready"))).IsSuccessStatusCode;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            TimeSpan.FromMinutes(1), "PostgreSQL after its restart");
    }

    /// <summary>Launches a build of the lot.</summary>
    public Task<(string Execution, string StoredData)> LaunchAsync(string name) =>
        WithinAsync(Producer.LaunchAsync(Upload, name, Parameters), BuildLimit, $"the launch of {name}");

    /// <summary>Publishes the undisturbed pyramid as <see cref="Layer"/>, unless that has been done.</summary>
    public async Task PublishOnceAsync()
    {
        if (_isPublished)
            return;
        await Producer.PublishAsync(Undisturbed, Layer);
        _isPublished = true;
    }

    /// <summary>Waits for an execution's end; returns its status.</summary>
    public Task<string> EndOfAsync(string execution) => WithinAsync(Producer.EndOfAsync(execution), BuildLimit, $"the end of execution {execution}");

    /// <summary>Waits for a condition, asking a hundred times a second; throws, saying what did not come, when it takes longer than the limit.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, TimeSpan limit, string what)
    {
        using var over = new CancellationTokenSource(limit);
        while (!await WithinAsync(condition(), limit, what))
        {
            if (over.IsCancellationRequested)
                throw new TimeoutException($"{what}: not within {limit.TotalSeconds} s.\n{await DescribeAsync()}");
            await Task.Delay(10);
        }
    }

    /// <summary>Waits for work; throws, with what the cluster says of itself, when it takes longer than the limit.</summary>
    public async Task<T> WithinAsync<T>(Task<T> work, TimeSpan limit, string what)
    {
        try
        {
            return await work.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{what}: not within {limit.TotalSeconds} s.\n{await DescribeAsync()}");
        }
    }

    /// <summary>The silos as they see themselves and each other, running executions, and the last lines of every log.</summary>
    public async Task<string> DescribeAsync()
    {
        var text = new StringBuilder();
        foreach (var silo in Cluster.File.Silos)
            text.AppendLine($"{silo.Name} {(silo.IsAlive ? "runs" : "HAS ENDED")}: {await OrReasonAsync(async () => (await AskAsync(silo)).ToJsonString())}");
        var executions = await OrReasonAsync(async () => string.Join('\n', (await Producer.Api.ListAsync($"{Producer.Datastore}/processings/executions", default).WaitAsync(TimeSpan.FromSeconds(10)))
            .Where(one => (string?)one!["status"] is "PROGRESS" or "WAITING").Select(one => one!.ToJsonString())));
        text.AppendLine($"executions that run: {executions}");
        foreach (var log in Directory.EnumerateFiles(_data, "*.log").Order(StringComparer.Ordinal))
            text.AppendLine($"--- {Path.GetFileName(log)}").AppendJoin('\n', File.ReadLines(log).TakeLast(LinesOfLog)).AppendLine();
        return text.ToString();
    }

    private static async Task<string> OrReasonAsync(Func<Task<string>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception reason)
        {
            return $"{reason.GetType().Name}: {reason.Message}";
        }
    }

    /// <summary>The number in a silo's name, by which commands name it.</summary>
    public static int NumberOf(string silo) => int.Parse(silo["silo-".Length..], CultureInfo.InvariantCulture);

    /// <summary>What a silo tells of itself.</summary>
    public static async Task<JsonNode> AskAsync(ClusterProcess silo)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        return JsonNode.Parse(await http.GetStringAsync(new Uri(silo.Url!, "health/silo")))!;
    }
}
