using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Grid.Cli.Api;

namespace Grid.Cli.Demo;

/// <summary>A server started as a child process, on the loopback interface, with its output in <c>server.log</c> of the data folder.</summary>
public sealed partial class ServerProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(45);

    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly Queue<string> _lastLines = new();

    private ServerProcess(Process process, StreamWriter log, Uri address, string logFile)
    {
        _process = process;
        _log = log;
        Address = address;
        LogFile = logFile;
    }

    /// <summary>Root of the server.</summary>
    public Uri Address { get; }

    /// <summary>Where its output goes.</summary>
    public string LogFile { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Ends when the server ends.</summary>
    public Task Ended(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    /// <summary>The wanted port if it is free on the loopback interface, else one that is.</summary>
    public static int FreePort(int wanted)
    {
        try
        {
            return Probe(wanted);
        }
        catch (SocketException)
        {
            return Probe(0);
        }
    }

    /// <summary>Starts the server and waits until it is ready.</summary>
    /// <param name="program">Path of <c>Grid.Frontend.dll</c>, or of a program that needs no <c>dotnet</c> before it.</param>
    /// <param name="port">A free port.</param>
    /// <param name="dataFolder">Its data folder; made when absent.</param>
    /// <param name="cancellation">Stops the server again.</param>
    /// <exception cref="DeliveryException">The program is absent, ends at once or does not become ready; with the end of its output.</exception>
    public static async Task<ServerProcess> StartAsync(string program, int port, string dataFolder, CancellationToken cancellation)
    {
        if (!File.Exists(program))
            throw new DeliveryException($"{program} is absent: build it with ./grid build, or name it with --server");
        Directory.CreateDirectory(dataFolder);
        var address = new Uri($"http://127.0.0.1:{port}/");
        var isLibrary = program.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        var start = new ProcessStartInfo(isLibrary ? "dotnet" : Path.GetFullPath(program))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetDirectoryName(Path.GetFullPath(program)),
            Environment = { ["Grid__DataFolder"] = Path.GetFullPath(dataFolder), ["DOTNET_NOLOGO"] = "1" },
        };
        foreach (var argument in (string[])[.. isLibrary ? [Path.GetFullPath(program)] : (string[])[], "--urls", address.AbsoluteUri])
            start.ArgumentList.Add(argument);
        var logFile = Path.Combine(dataFolder, "server.log");
        var server = new ServerProcess(Process.Start(start)!, new StreamWriter(logFile) { AutoFlush = true }, address, logFile);
        try
        {
            server.Watch();
            await server.WaitReadyAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks the server to stop and waits; one that does not obey is killed with its children.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, Terminate);
            try
            {
                using var limit = new CancellationTokenSource(StopLimit);
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync();
            }
        }

        _process.Dispose();
        lock (_lastLines)
            _log.Dispose();
    }

    private static int Probe(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Watch()
    {
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Close();
    }

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_lastLines)
        {
            if (_log.BaseStream is not { CanWrite: true })
                return;
            _log.WriteLine(line);
            _lastLines.Enqueue(line);
            if (_lastLines.Count > 25)
                _lastLines.Dequeue();
        }
    }

    private async Task WaitReadyAsync(CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ReadyLimit);
        var last = "no answer";
        try
        {
            while (!_process.HasExited)
            {
                try
                {
                    using var answer = await http.GetAsync(new Uri(Address, "health/ready"), limit.Token);
                    if (answer.IsSuccessStatusCode)
                        return;
                    last = $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(limit.Token)}";
                }
                catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !limit.IsCancellationRequested)
                {
                    // It does not listen yet.
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100), limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new DeliveryException($"the server was not ready after {ReadyLimit.TotalMinutes} minutes ({last}); its output is in {LogFile}:\n{LastLines()}");
        }

        throw new DeliveryException($"the server ended with code {_process.ExitCode} before it was ready; its output is in {LogFile}:\n{LastLines()}");
    }

    private string LastLines()
    {
        lock (_lastLines)
            return string.Join('\n', _lastLines.Select(line => "  " + line));
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
