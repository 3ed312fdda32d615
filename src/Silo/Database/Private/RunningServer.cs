using System.Diagnostics;

namespace Grid.Silo.Database.Private;

/// <summary>
/// One run of the server, with a watcher: a shell that waits on a pipe from the grid and, when the pipe closes (the grid stops it, or was killed), asks
/// the server to shut down.
/// </summary>
internal sealed class RunningServer : IDisposable
{
    private readonly Process _postmaster;
    private readonly Process _watcher;

    private RunningServer(Process postmaster, Process watcher)
    {
        _postmaster = postmaster;
        _watcher = watcher;
        ProcessId = postmaster.Id;
    }

    public int ProcessId { get; }

    public bool HasExited => _postmaster.HasExited;

    public int ExitCode => _postmaster.ExitCode;

    public static RunningServer Start(PostgresPrograms programs, string log, IEnumerable<string> arguments)
    {
        var postmaster = programs.StartServer(log, arguments);
        // SIGINT is PostgreSQL's fast shutdown: sessions are ended, a checkpoint is written.
        var watch = new ProcessStartInfo("setsid", ["/bin/sh", "-c", "read -r _; kill -INT \"$0\"", $"{postmaster.Id}"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        return new RunningServer(postmaster, Process.Start(watch)!);
    }

    public Task WaitForExitAsync(CancellationToken cancellation) => _postmaster.WaitForExitAsync(cancellation);

    /// <summary>Shuts the server down and waits; kills it when it does not end within the limit (its log then recovers at the next start).</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        if (!_postmaster.HasExited)
        {
            _watcher.StandardInput.Close();
            try
            {
                await _postmaster.WaitForExitAsync().WaitAsync(limit);
            }
            catch (TimeoutException)
            {
                _postmaster.Kill(entireProcessTree: true);
                await _postmaster.WaitForExitAsync();
            }
        }

        Dispose();
    }

    /// <summary>Sends the watcher away before anything else could get the server's process number.</summary>
    public void Dispose()
    {
        try
        {
            _watcher.Kill();
        }
        catch (InvalidOperationException)
        {
            // Ended, or disposed before.
        }

        _watcher.Dispose();
    }
}
