using System.Diagnostics;
using System.Globalization;

namespace Grid.Silo.Database.Private;

/// <summary>The files of the private server ("cluster" in PostgreSQL's words): made once, whole or not at all, and freed of what a crash left running.</summary>
internal static class Cluster
{
    /// <summary>Where clusters go whose data folder is closed to the account that root runs the server under.</summary>
    private const string OutsideFolder = "/var/lib/grid";

    /// <summary>Makes the cluster unless it is there; returns its real path.</summary>
    /// <exception cref="DatabaseException">It cannot be made, or the account cannot enter it.</exception>
    public static async Task<string> PrepareAsync(PostgresPrograms programs, string cluster, CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(cluster, "PG_VERSION")))
            await MakeAsync(programs, cluster, cancellation);
        var real = new DirectoryInfo(cluster).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? cluster;
        if (!await programs.CanEnterAsync(real, cancellation))
            throw new DatabaseException($"The server's account cannot enter \"{real}\": let others pass through the folders above it (chmod o+x), or choose another data folder.");
        return real;
    }

    /// <summary>Ends whatever still runs in the cluster: a server whose grid was killed, or the sessions of a killed server.</summary>
    public static async Task StopOrphansAsync(PostgresPrograms programs, string cluster, TimeSpan limit, CancellationToken cancellation)
    {
        var pidFile = Path.Combine(cluster, "postmaster.pid");
        var running = ProcessesIn(cluster);
        if (PostmasterIn(pidFile) is { } postmaster)
        {
            if (running.Contains(postmaster))
            {
                var seconds = limit.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
                var (code, _) = await programs.RunAsync("pg_ctl", ["stop", "-D", cluster, "-m", "fast", "-w", "-t", seconds], cancellation);
                if (code != 0)
                    await programs.RunAsync("pg_ctl", ["stop", "-D", cluster, "-m", "immediate", "-w", "-t", seconds], cancellation);
            }
            else if (running.Count == 0 && Directory.Exists($"/proc/{postmaster}"))
            {
                // The number belongs to some other program since: PostgreSQL would refuse to start. Where no such program runs it
                // must find the file, by which it recognises sessions that have outlived their server.
                File.Delete(pidFile);
            }
        }

        // Sessions notice the death of their server within moments, unless they are in the middle of a long step.
        for (var since = Stopwatch.GetTimestamp(); (running = ProcessesIn(cluster)).Count > 0; await Task.Delay(20, cancellation))
        {
            if (Stopwatch.GetElapsedTime(since) > limit)
                throw new DatabaseException($"Processes of an earlier server still run in \"{cluster}\": {string.Join(", ", running)}.");
        }

        // Nothing runs here: a socket's lock is a killed server's, whose number may be another program's by now, and PostgreSQL would refuse to start.
        File.Delete(Path.Combine(cluster, SocketFolder.LockName));
    }

    private static async Task MakeAsync(PostgresPrograms programs, string cluster, CancellationToken cancellation)
    {
        var parent = Path.GetDirectoryName(cluster)!;
        foreach (var left in Directory.GetDirectories(parent, Path.GetFileName(cluster) + ".making-*"))
            Directory.Delete(left, recursive: true);
        if (Directory.Exists(cluster) && Directory.EnumerateFileSystemEntries(cluster).Any())
            throw new DatabaseException($"\"{cluster}\" is not a PostgreSQL cluster and not empty: move it away.");

        var inside = await programs.CanEnterAsync(parent, cancellation);
        var name = Guid.NewGuid().ToString("n")[..12];
        if (!inside)
            Directory.CreateDirectory(OutsideFolder);
        var made = inside ? $"{cluster}.making-{name}" : Path.Combine(OutsideFolder, $"postgres-{name}");
        await programs.MakeOwnFolderAsync(made, cancellation);
        var (code, output) = await programs.RunAsync(
            "initdb",
            ["-D", made, "-U", "grid", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", "--data-checksums"],
            cancellation);
        if (code != 0)
        {
            Directory.Delete(made, recursive: true);
            throw new DatabaseException($"initdb failed: {output}");
        }

        // Only those who can enter the socket's folder get as far as this file: the account itself and root.
        await File.WriteAllTextAsync(Path.Combine(made, "pg_hba.conf"), "local all all trust\n", cancellation);
        if (Directory.Exists(cluster))
            Directory.Delete(cluster);
        if (inside)
            Directory.Move(made, cluster);
        else
            Directory.CreateSymbolicLink(cluster, made);
    }

    private static int? PostmasterIn(string pidFile)
    {
        try
        {
            using var reader = new StreamReader(new FileStream(pidFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return int.TryParse(reader.ReadLine(), out var pid) ? Math.Abs(pid) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The processes of any PostgreSQL server that work in the cluster: each has it as its current folder.</summary>
    private static HashSet<int> ProcessesIn(string cluster)
    {
        var found = new HashSet<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var pid))
                continue;
            try
            {
                if (new FileInfo($"{folder}/cwd").LinkTarget == cluster && File.ReadAllText($"{folder}/comm").StartsWith("postgres", StringComparison.Ordinal))
                    found.Add(pid);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended since, or another user's.
            }
        }

        return found;
    }
}
