using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Grid.Benchmarks;

/// <summary>A grid over a data folder that holds a published layer, running as a process of its own.</summary>
internal sealed class RunningServer(Process process, Uri address, Uri? encrypted) : IAsyncDisposable
{
    public Uri Address { get; } = address;

    /// <summary>Where it speaks HTTPS; null where it has no certificate.</summary>
    public Uri? Encrypted { get; } = encrypted;

    public int ProcessId => process.Id;

    /// <summary>Starts the server with settings such as <c>Grid:TileCache:HighMarkBytes=0</c>; builds and publishes the lot first when the folder is new.</summary>
    public static async Task<RunningServer> StartAsync(BenchOptions options, string data, params IEnumerable<string> settings)
    {
        if (!Directory.Exists(data))
        {
            var built = await MeasuredProcess.RunAsync("dotnet",
                [options.Cli, "demo", "--lot", options.Lot, "--interpolation", options.Interpolation, "--data", data, "--exit", "--server", options.Server], echo: true);
            if (built.ExitCode != 0)
                throw new InvalidOperationException($"The lot could not be built: exit code {built.ExitCode}.");
        }

        var address = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var given = settings.ToList();
        var encrypted = given.Exists(setting => setting.StartsWith("Kestrel:Certificates:", StringComparison.Ordinal)) ? new Uri($"https://127.0.0.1:{FreePort.Next()}") : null;
        string[] arguments = [options.Server, "--urls", string.Join(';', new[] { address, encrypted }.OfType<Uri>()), $"--Grid:DataFolder={data}", "--Logging:LogLevel:Default=Warning"];
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments.Concat(given.Select(setting => $"--{setting}"))))!;
        await WaitAsync(new Uri(address, "/health/ready"), process, TimeSpan.FromSeconds(60));
        return new RunningServer(process, address, encrypted);
    }

    /// <summary>Waits until an address answers 200, the process ends or the time is over.</summary>
    public static async Task WaitAsync(Uri address, Process process, TimeSpan limit)
    {
        using var http = new HttpClient();
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < limit && !process.HasExited)
        {
            try
            {
                using var answer = await http.GetAsync(address);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException($"{address} did not answer 200 within {limit.TotalSeconds} s.");
    }

    public async ValueTask DisposeAsync()
    {
        using (var stop = Process.Start("kill", ["-TERM", process.Id.ToString()]))
            await stop.WaitForExitAsync();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}

/// <summary>Loopback ports that nobody listens on.</summary>
internal static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
