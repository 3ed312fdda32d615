using System.Diagnostics;

namespace Grid.Fixtures;

/// <summary>What a program printed and how it ended.</summary>
public sealed record ProgramRun(int ExitCode, string Output, string Errors)
{
    /// <summary>The output, or an exception with all that the program said when it failed.</summary>
    public string Expect() => ExitCode == 0
        ? Output
        : throw new InvalidOperationException($"Exit code {ExitCode}.\n{Output}\n{Errors}");
}

/// <summary>Runs reference tools: GDAL's programs, Python clients, xmllint.</summary>
public static class Programs
{
    /// <summary>Debian's Python, for which Debian's python3-… packages are.</summary>
    public const string Python = "/usr/bin/python3";

    /// <summary>True when a program of that name is on the path.</summary>
    public static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':').Append("/usr/bin").Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Runs a program to its end; kills it and throws when that takes longer than <paramref name="limit"/> (default two minutes).</summary>
    public static async Task<ProgramRun> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, TimeSpan? limit = null,
        string? input = null)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = input is not null };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }

        using var timeout = new CancellationTokenSource(limit ?? TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', start.ArgumentList)} did not end in time.");
        }

        return new ProgramRun(process.ExitCode, await output, await errors);
    }
}
