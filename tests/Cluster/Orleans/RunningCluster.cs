using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Grid.Cli.Cluster;
using Grid.Cli.Lots;
using Grid.Fixtures;

namespace Grid.Cluster.Tests;

/// <summary>Three silos and a frontend, each a process, over a data folder in a temporary place; with a lot that is uploaded and a pyramid of it.</summary>
public sealed class RunningCluster : IAsyncLifetime
{
    public const int Silos = 3;

    private string _data = "";

    public LocalCluster Cluster { get; private set; } = null!;

    public GridProducer Producer { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    /// <summary>The id of a closed upload.</summary>
    public string Upload { get; private set; } = "";

    /// <summary>Stored data of it that nothing disturbed.</summary>
    public string Undisturbed { get; private set; } = "";

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
        Cluster = new LocalCluster(_data, Sources.Folder("src"));
        await Cluster.UpAsync(Silos, RunningGrid.FreePort(), default);
        Address = Cluster.File.Frontend!.Url!;
        Producer = await GridProducer.OfAsync(Address, _data);
        var lot = Path.Combine(_data, "lot");
        Directory.CreateDirectory(lot);
        OrthoLot.Generate(lot, 2, 2, 1600, 0.2);
        Upload = await Producer.UploadAsync(lot, "lot");
        Undisturbed = await Producer.BuildAsync(Upload, "undisturbed", Parameters);
    }

    public async Task DisposeAsync()
    {
        Producer?.Dispose();
        await Cluster.DownAsync(default);
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>The slabs of the first version of stored data: path below the pyramid's folder, and a digest of the bytes.</summary>
    public SortedDictionary<string, string> Slabs(string storedData, string name)
    {
        var pyramid = Path.Combine(_data, "objects", "pyramids", storedData, "1", name);
        return !Directory.Exists(pyramid)
            ? []
            : new(Directory.EnumerateFiles(pyramid, "*.tif", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(pyramid, file), file => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))));
    }

    /// <summary>Waits for a condition, asking ten times a second; throws, saying what did not come, when it takes longer than the limit.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan limit, string what)
    {
        using var over = new CancellationTokenSource(limit);
        while (!await condition())
        {
            if (over.IsCancellationRequested)
                throw new TimeoutException($"{what}: not within {limit.TotalSeconds} s.");
            await Task.Delay(100);
        }
    }

    /// <summary>What a silo tells of itself.</summary>
    public static async Task<JsonNode> AskAsync(ClusterProcess silo)
    {
        using var http = new HttpClient();
        return JsonNode.Parse(await http.GetStringAsync(new Uri(silo.Url!, "health/silo")))!;
    }
}
