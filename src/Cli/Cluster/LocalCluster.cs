using System.Diagnostics;
using Grid.Cli.Api;
using Grid.Cli.Demo;

namespace Grid.Cli.Cluster;

/// <summary>
/// Silos and one frontend on this machine, against one PostgreSQL and one object store: those that the environment names
/// (<c>Grid__Database__ConnectionString</c>, <c>Grid__Storage__…</c>), else a private server and a folder under the data folder.
/// </summary>
/// <param name="data">Data folder; it is made when absent.</param>
/// <param name="programs">Folder <c>src</c> of the checkout, whose programs are built for Orleans.</param>
/// <param name="output">Where in a program's folder it is built.</param>
public sealed class LocalCluster(string data, string programs, string output = LocalCluster.Built)
{
    /// <summary>Where a build for tests leaves programs.</summary>
    public const string Built = "bin/orleans/Release/net10.0";

    /// <summary>Where programs are that are compiled ahead of time.</summary>
    public const string Published = "bin/orleans/programs";

    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The processes as they were left by the last command.</summary>
    public ClusterFile File { get; private set; } = ClusterFile.Read(data);

    /// <summary>Starts database, silos and frontend, and waits until the frontend is ready.</summary>
    /// <param name="threadsPerSilo">Threads that each silo may use for builds; null: an equal share of the machine's cores.</param>
    /// <exception cref="DeliveryException">Something of it runs already, a program is absent, or one does not become ready.</exception>
    public async Task UpAsync(int silos, int port, CancellationToken cancellation, int? threadsPerSilo = null)
    {
        if (All().Any(process => process.IsAlive))
            throw new DeliveryException($"the cluster in {data} runs already: stop it with \"cluster down\"");
        Directory.CreateDirectory(data);
        File = new ClusterFile { ThreadsPerSilo = threadsPerSilo ?? Math.Max(1, Environment.ProcessorCount / silos) };
        try
        {
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("Grid__Database__ConnectionString")))
                await StartDatabaseAsync(cancellation);
            var first = StartSilo();
            // The first one makes the tables; the others need not wait for each other.
            await WaitReadyAsync(first, cancellation);
            var others = Enumerable.Range(1, silos - 1).Select(_ => StartSilo()).ToList();
            var url = new Uri($"http://127.0.0.1:{port}/");
            Keep(File with { Frontend = Start("frontend", "Frontend", url, []) });
            foreach (var process in others.Append(File.Frontend!))
                await WaitReadyAsync(process, cancellation);
        }
        catch
        {
            await DownAsync(CancellationToken.None);
            throw;
        }
    }

    /// <summary>Starts one more silo and waits until it has joined.</summary>
    public async Task<ClusterProcess> AddAsync(CancellationToken cancellation)
    {
        if (File.Frontend is not { IsAlive: true })
            throw new DeliveryException($"no cluster runs in {data}: start one with \"cluster up\"");
        var silo = StartSilo();
        await WaitReadyAsync(silo, cancellation);
        return silo;
    }

    /// <summary>Ends a silo's process at once, as a power cut would.</summary>
    public async Task KillAsync(int number, CancellationToken cancellation)
    {
        var silo = Silo(number);
        silo.Kill();
        await silo.HasEndedWithinAsync(StopLimit, cancellation);
        Keep(File with { Silos = [.. File.Silos.Where(other => other != silo)] });
    }

    /// <summary>Asks a silo to leave and waits until it has: its grains go to the others, what it is asked meanwhile is answered.</summary>
    public async Task DrainAsync(int number, CancellationToken cancellation)
    {
        var silo = Silo(number);
        silo.Stop();
        if (!await silo.HasEndedWithinAsync(StopLimit, cancellation))
            throw new DeliveryException($"{silo.Name} has not left within {StopLimit.TotalSeconds} s; its output is in {LogOf(silo.Name)}");
        Keep(File with { Silos = [.. File.Silos.Where(other => other != silo)] });
    }

    /// <summary>Stops all: frontend, silos, database, in this order.</summary>
    public async Task DownAsync(CancellationToken cancellation)
    {
        foreach (var group in (ClusterProcess?[][])[[File.Frontend], [.. File.Silos], [File.Database]])
        {
            var processes = group.OfType<ClusterProcess>().ToList();
            processes.ForEach(process => process.Stop());
            foreach (var process in processes)
            {
                if (!await process.HasEndedWithinAsync(StopLimit, cancellation))
                    process.Kill();
            }
        }

        Keep(new ClusterFile());
    }

    private IEnumerable<ClusterProcess> All() => File.Silos.Append(File.Frontend).Append(File.Database).OfType<ClusterProcess>();

    private ClusterProcess Silo(int number) => File.Silos.FirstOrDefault(silo => silo.Name == $"silo-{number}")
        ?? throw new DeliveryException($"there is no silo-{number}: {(File.Silos.Count == 0 ? "no cluster runs" : $"there are {string.Join(", ", File.Silos.Select(silo => silo.Name))}")}");

    private async Task StartDatabaseAsync(CancellationToken cancellation)
    {
        // Its presence says that the server answers, so one that a killed server left must not.
        System.IO.File.Delete(ConnectionFile);
        var database = ClusterProcess.Start("database", Program("Silo"), ["database", $"--Grid:DataFolder={data}", "--Grid:Database:MaxConnections=600"], LogOf("database"), null, new Dictionary<string, string>());
        Keep(File with { Database = database });
        for (var since = Stopwatch.GetTimestamp(); !System.IO.File.Exists(ConnectionFile); await Task.Delay(Pause, cancellation))
        {
            if (!database.IsAlive || Stopwatch.GetElapsedTime(since) > ReadyLimit)
                throw NotReady(database);
        }
    }

    private ClusterProcess StartSilo()
    {
        var number = File.LastSilo + 1;
        var url = new Uri($"http://127.0.0.1:{ServerProcess.FreePort(0)}/");
        var silo = Start($"silo-{number}", "Silo", url,
        [
            $"--Grid:Engine:SiloName=silo-{number}", "--Grid:Engine:Address=127.0.0.1", "--Grid:Engine:SiloPort=0", "--Grid:Engine:GatewayPort=0",
            $"--Grid:Pyramids:RegionsPerSilo={File.ThreadsPerSilo}", $"--Grid:Pyramids:Threads={File.ThreadsPerSilo}",
        ]);
        Keep(File with { LastSilo = number, Silos = [.. File.Silos, silo] });
        return silo;
    }

    // The connection string may hold a password, so it is not in an argument, which others can read.
    private ClusterProcess Start(string name, string project, Uri url, string[] arguments) => ClusterProcess.Start(
        name, Program(project), ["--urls", url.AbsoluteUri, $"--Grid:DataFolder={data}", "--Grid:Engine:Cluster=true", "--Grid:Database:MaxConnections=16", .. arguments], LogOf(name), url,
        File.Database is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Grid__Database__ConnectionString"] = System.IO.File.ReadAllText(ConnectionFile) });

    private async Task WaitReadyAsync(ClusterProcess process, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        for (var since = Stopwatch.GetTimestamp(); process.IsAlive && Stopwatch.GetElapsedTime(since) < ReadyLimit; await Task.Delay(Pause, cancellation))
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(process.Url!, "health/ready"), cancellation);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
            {
                // It does not listen yet.
            }
        }

        throw NotReady(process);
    }

    private DeliveryException NotReady(ClusterProcess process)
    {
        var log = LogOf(process.Name);
        var last = System.IO.File.Exists(log) ? string.Join('\n', System.IO.File.ReadLines(log).TakeLast(15).Select(line => "  " + line)) : "";
        return new DeliveryException($"{process.Name} {(process.IsAlive ? $"was not ready after {ReadyLimit.TotalMinutes} minutes" : "ended before it was ready")}; its output is in {log}:\n{last}");
    }

    private string Program(string project)
    {
        var path = Path.Combine(programs, project, output, $"Grid.{project}.dll");
        return System.IO.File.Exists(path)
            ? path
            : throw new DeliveryException($"{path} is absent: a cluster needs a build with -p:GridEngine=orleans, which requires the Microsoft.Orleans packages of the public NuGet gallery");
    }

    private void Keep(ClusterFile file) => File = file.Write(data);

    private string LogOf(string name) => Path.Combine(data, name + ".log");

    private string ConnectionFile => Path.Combine(data, "postgres.connection");
}
