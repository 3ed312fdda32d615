using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Grid.Cli.Cluster;

/// <summary>One process of a cluster on this machine, which goes on when the command that started it has ended.</summary>
/// <param name="Name">For people: <c>silo-1</c>, <c>frontend</c>, <c>database</c>.</param>
/// <param name="Id">Process id.</param>
/// <param name="Started">Its start in clock ticks since the machine's, which tells it from a later process of the same id.</param>
/// <param name="Url">Root of what it serves over HTTP; null when it serves nothing.</param>
public sealed partial record ClusterProcess(string Name, int Id, long Started, Uri? Url)
{
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Whether it runs.</summary>
    [JsonIgnore]
    public bool IsAlive => StartOf(Id) == Started;

    /// <summary>Starts a .NET program in a session of its own, its output appended to a file.</summary>
    public static ClusterProcess Start(string name, string program, IEnumerable<string> arguments, string log, Uri? url, IReadOnlyDictionary<string, string> environment)
    {
        // A terminal's Ctrl-C and the end of the starting command must not reach it, and it keeps no pipe of theirs.
        var start = new ProcessStartInfo("setsid", ["sh", "-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", log, "dotnet", program, .. arguments])
        {
            WorkingDirectory = Path.GetDirectoryName(program)!,
        };
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        using var process = Process.Start(start)!;
        return new ClusterProcess(name, process.Id, StartOf(process.Id) ?? 0, url);
    }

    /// <summary>Ends it at once: nothing is flushed or told to anyone.</summary>
    public void Kill() => Signal(SignalKill);

    /// <summary>Asks it to stop.</summary>
    public void Stop() => Signal(SignalTerminate);

    /// <summary>Waits for its end; false when it has not come within the limit.</summary>
    public async Task<bool> HasEndedWithinAsync(TimeSpan limit, CancellationToken cancellation)
    {
        for (var since = Stopwatch.GetTimestamp(); IsAlive; await Task.Delay(Pause, cancellation))
        {
            if (Stopwatch.GetElapsedTime(since) > limit)
                return false;
        }

        return true;
    }

    // proc(5): the state is the third field of "stat", the start the 22nd; the second, the name, may have spaces and parentheses in it.
    private static long? StartOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private void Signal(int signal)
    {
        if (IsAlive)
            _ = Kill(Id, signal);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
