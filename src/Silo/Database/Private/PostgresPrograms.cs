using System.Diagnostics;
using System.Globalization;

namespace Grid.Silo.Database.Private;

/// <summary>PostgreSQL's own programs, and the account they run under: never root.</summary>
internal sealed class PostgresPrograms
{
    private readonly string _folder;
    private readonly (int User, int Group)? _account;

    private PostgresPrograms(string folder, (int, int)? account)
    {
        _folder = folder;
        _account = account;
    }

    /// <summary>Finds the programs and the account.</summary>
    /// <param name="folder">Where the programs are, or null to look for them.</param>
    /// <param name="cluster">The server's files: those made before need programs of their version and their owner's account.</param>
    /// <exception cref="DatabaseException">The programs, or the <c>postgres</c> account that root needs, are not installed.</exception>
    public static async Task<PostgresPrograms> FindAsync(string? folder, string cluster, CancellationToken cancellation)
    {
        var made = File.Exists(Path.Combine(cluster, "PG_VERSION"));
        var version = made ? (await File.ReadAllTextAsync(Path.Combine(cluster, "PG_VERSION"), cancellation)).Trim() : null;
        folder ??= Candidates(version).FirstOrDefault(f => File.Exists(Path.Combine(f, "initdb")))
            ?? throw new DatabaseException(version is null
                ? "PostgreSQL is not installed. On Debian: ./grid setup, or apt-get install postgresql-15 postgresql-15-postgis-3. Or set Grid:Database:ConnectionString."
                : $"The database in \"{cluster}\" needs PostgreSQL {version}, which is not installed. On Debian: apt-get install postgresql-{version}.");
        return new PostgresPrograms(folder, Environment.IsPrivilegedProcess ? await AccountAsync(made ? cluster : null, cancellation) : null);
    }

    /// <summary>A command that becomes the program (its process id stays) under the right account, out of reach of the terminal's interrupts.</summary>
    /// <param name="output">A file that takes what it says.</param>
    public Process StartServer(string output, params IEnumerable<string> arguments)
    {
        // An interrupt at the terminal goes to its whole process group: the server must outlive the grid's own orderly end.
        var start = Plain("/bin/sh", ["-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", output, "setsid", .. AsAccount([Program("postgres"), .. arguments])]);
        return Process.Start(start)!;
    }

    /// <summary>Runs one of the programs to its end; returns its exit code and all it said.</summary>
    public Task<(int Code, string Output)> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellation) =>
        RunPlainAsync(AsAccount([program.StartsWith('/') ? program : Program(program), .. arguments]), cancellation);

    /// <summary>Makes an empty folder that only the account can enter.</summary>
    public async Task MakeOwnFolderAsync(string path, CancellationToken cancellation)
    {
        string[] owner = _account is { } a ? ["-o", Number(a.User), "-g", Number(a.Group)] : [];
        var (code, output) = await RunPlainAsync(["/usr/bin/install", "-d", "-m", "0700", .. owner, path], cancellation);
        if (code != 0)
            throw new DatabaseException($"Cannot make the folder \"{path}\": {output}");
    }

    /// <summary>Whether the account can enter a folder.</summary>
    public async Task<bool> CanEnterAsync(string folder, CancellationToken cancellation) =>
        (await RunAsync("/usr/bin/test", ["-x", folder], cancellation)).Code == 0;

    private string Program(string name) => Path.Combine(_folder, name);

    private string[] AsAccount(string[] command) => _account is { } a
        ? ["setpriv", "--reuid", Number(a.User), "--regid", Number(a.Group), "--clear-groups", .. command]
        : command;

    private static IEnumerable<string> Candidates(string? version)
    {
        const string debian = "/usr/lib/postgresql";
        if (Directory.Exists(debian))
        {
            foreach (var folder in Directory.GetDirectories(debian)
                .Where(f => version is null || Path.GetFileName(f) == version)
                .OrderByDescending(f => int.TryParse(Path.GetFileName(f), out var number) ? number : 0))
                yield return Path.Combine(folder, "bin");
        }

        if (version is not null)
            yield return $"/usr/pgsql-{version}/bin";
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries))
            yield return folder;
    }

    private static async Task<(int, int)> AccountAsync(string? cluster, CancellationToken cancellation)
    {
        if (cluster is not null)
        {
            var (code, owner) = await RunPlainAsync(["/usr/bin/stat", "-L", "-c", "%u %g", cluster], cancellation);
            if (code == 0 && owner.Split(' ') is [var user, var group] && user != "0")
                return (Parse(user), Parse(group));
        }

        var (userCode, userId) = await RunPlainAsync(["/usr/bin/id", "-u", "postgres"], cancellation);
        var (groupCode, groupId) = await RunPlainAsync(["/usr/bin/id", "-g", "postgres"], cancellation);
        if (userCode != 0 || groupCode != 0)
            throw new DatabaseException("PostgreSQL does not run as root, and there is no account \"postgres\" to run it: run the grid as another user, or make that account.");
        return (Parse(userId), Parse(groupId));
    }

    private static async Task<(int Code, string Output)> RunPlainAsync(string[] command, CancellationToken cancellation)
    {
        var start = Plain(command[0], command[1..]);
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await process.WaitForExitAsync(cancellation);
            return (process.ExitCode, $"{await output}{await errors}".Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static ProcessStartInfo Plain(string program, IEnumerable<string> arguments)
    {
        // The folder of the moment may be closed to the account; and settings meant for other servers must not reach this one.
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, WorkingDirectory = "/" };
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("PG", StringComparison.Ordinal) || n.StartsWith("LC_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private static string Number(int id) => id.ToString(CultureInfo.InvariantCulture);

    private static int Parse(string id) => int.Parse(id.Trim(), CultureInfo.InvariantCulture);
}
