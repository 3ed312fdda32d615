using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Grid.Fixtures;

/// <summary>
/// The real server in a process of its own, over a data folder in a temporary place, on a free loopback port. It can be killed and
/// started again over the same data.
/// </summary>
public sealed class RunningGrid : IAsyncDisposable
{
    private readonly StringBuilder _log = new();
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly string _server;
    private Process? _process;

    private RunningGrid(string data, IReadOnlyDictionary<string, string> settings, string server)
    {
        Data = data;
        _settings = settings;
        _server = server;
    }

    /// <summary>The data folder.</summary>
    public string Data { get; }

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>What the server has printed so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("The server does not run.");

    /// <param name="settings">Settings beside those of every grid of the tests, by their full names.</param>
    /// <param name="server">The server's program; the one that was built with the tests when none is named.</param>
    public static async Task<RunningGrid> StartAsync(IReadOnlyDictionary<string, string>? settings = null, string? server = null)
    {
        var data = Path.Combine(Path.GetTempPath(), $"grid-{Guid.NewGuid():N}");
        Directory.CreateDirectory(data);
        var grid = new RunningGrid(data, settings ?? new Dictionary<string, string>(), server ?? Built("Frontend"));
        await grid.StartAgainAsync();
        return grid;
    }

    /// <summary>Starts the server over the data that is there, and waits until it is ready.</summary>
    public async Task StartAgainAsync()
    {
        Address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { _server, "--urls", Address.ToString(), "--contentRoot", Source("Frontend"), $"--Grid:DataFolder={Data}" }.Concat(_settings.Select(s => $"--{s.Key}={s.Value}")))
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        using var http = new HttpClient();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMinutes(2) && !_process.HasExited)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(Address, "/health/ready"));
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException($"The server was not ready in time.\n{Log}");
    }

    /// <summary>Ends the process with SIGKILL: nothing is flushed or told to anyone.</summary>
    /// <param name="withDatabase">Whether the private PostgreSQL and its sessions end so too.</param>
    public async Task KillAsync(bool withDatabase = false)
    {
        if (withDatabase)
        {
            using var postmaster = Process.GetProcessById(int.Parse(File.ReadLines(Path.Combine(Data, "postgres", "postmaster.pid")).First(), CultureInfo.InvariantCulture));
            postmaster.Kill(entireProcessTree: true);
        }

        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Delivers a folder of rasters through the command line's REST client; returns the run with what it printed.</summary>
    public Task<ProgramRun> DeliverAsync(string folder, string name, params string[] options) => Programs.RunAsync(
        "dotnet",
        [Built("Cli"), "deliver", folder, "--name", name, "--url", Address.ToString(), "--data", Data, .. options],
        limit: TimeSpan.FromMinutes(10));

    /// <summary>A token of an account that the grid made at its first start.</summary>
    public Task<string> TokenAsync(string login) => TokenAsync(Address, Data, login);

    /// <summary>A token of an account that a server over a data folder made at its first start.</summary>
    public static async Task<string> TokenAsync(Uri address, string data, string login)
    {
        var password = (string?)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data, "secrets.json")))!["accounts"]![login];
        using var http = new HttpClient();
        using var answer = await http.PostAsync(
            new Uri(address, "/auth/realms/geoplateforme/protocol/openid-connect/token"),
            new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "password", ["client_id"] = "grid-tests", ["username"] = login, ["password"] = password! }));
        return (string)JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!["access_token"]!;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false } process)
        {
            (await Programs.RunAsync("kill", ["-TERM", process.Id.ToString()])).Expect();
            await process.WaitForExitAsync();
        }

        _process?.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    /// <summary>The built program of a project, of the configuration that the tests were built in.</summary>
    public static string Built(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
        var configuration = output.Parent!.Name;
        return Path.Combine(Source(project), "bin", "embedded", configuration, output.Name, $"Grid.{project}.dll");
    }

    private static string Source(string project) => Sources.Folder(Path.Combine("src", project));

    /// <summary>A loopback port that nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Append(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }
}
