using System.Diagnostics;

namespace Grid.Benchmarks;

/// <summary>A peer's run: its time, the processor time of its process tree and the tree's peak memory.</summary>
/// <param name="PeakMib">Largest sum of proportional resident memory over the process and its descendants, sampled five times a second.</param>
internal sealed record MeasuredRun(int ExitCode, double Seconds, double PeakMib, string Output, string Errors);

/// <summary>Runs programs and watches what they take.</summary>
internal static class MeasuredProcess
{
    public static async Task<MeasuredRun> RunAsync(string program, IEnumerable<string> arguments, bool echo = false)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = ReadAsync(process.StandardOutput, echo);
        var errors = ReadAsync(process.StandardError, echo);
        var peak = 0L;
        var exited = process.WaitForExitAsync();
        while (!exited.IsCompleted)
        {
            peak = Math.Max(peak, TreeKib(process.Id));
            await Task.WhenAny(exited, Task.Delay(200));
        }

        return new MeasuredRun(process.ExitCode, watch.Elapsed.TotalSeconds, peak / 1024.0, await output, await errors);
    }

    /// <summary>True when a program of that name is on the path.</summary>
    public static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':').Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program)));

    private static async Task<string> ReadAsync(StreamReader reader, bool echo)
    {
        var text = new System.Text.StringBuilder();
        while (await reader.ReadLineAsync() is { } line)
        {
            text.AppendLine(line);
            if (echo)
                Console.Error.WriteLine(line);
        }

        return text.ToString();
    }

    /// <summary>Processor seconds that a process and those it has started have taken so far.</summary>
    public static double TreeCpuSeconds(int root)
    {
        // proc(5): user and system time are the 14th and 15th fields, in ticks of a hundredth second on Linux.
        return Tree(root).Select(process => Read($"/proc/{process}/stat")).OfType<string>()
            .Select(stat => stat[(stat.LastIndexOf(')') + 2)..].Split(' ')).Sum(fields => long.Parse(fields[11]) + long.Parse(fields[12])) / 100.0;
    }

    private static long TreeKib(int root) => Tree(root)
        .Select(process => Read($"/proc/{process}/smaps_rollup")?.Split('\n').FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal)))
        .Sum(pss => pss is null ? 0 : long.Parse(pss.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));

    private static List<int> Tree(int root)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[6])))
        {
            if (Read(Path.Combine(folder, "stat")) is not { } stat)
                continue;
            // proc(5): the name in brackets may hold blanks; after it come the state and the parent.
            var parent = int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1]);
            if (!children.TryGetValue(parent, out var list))
                children[parent] = list = [];
            list.Add(int.Parse(folder.AsSpan(6)));
        }

        var tree = new List<int>();
        var open = new Stack<int>([root]);
        while (open.TryPop(out var process))
        {
            tree.Add(process);
            foreach (var child in children.GetValueOrDefault(process, []))
                open.Push(child);
        }

        return tree;
    }

    // A process may end between being listed and being read.
    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
