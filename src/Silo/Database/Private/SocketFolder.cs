using System.Text;

namespace Grid.Silo.Database.Private;

/// <summary>The folder of the server's Unix socket, closed to all but the server's account and root.</summary>
internal static class SocketFolder
{
    /// <summary>The file by which PostgreSQL keeps a socket to one server.</summary>
    public const string LockName = ".s.PGSQL.5432.lock";

    /// <summary>Linux's sockaddr_un holds 107 bytes of path; the socket's own name takes 15 and its lock's (<see cref="LockName"/>) 20.</summary>
    private const int MaxBytes = 86;

    private const string Prefix = "grid-pg-";

    /// <summary>The cluster itself where its path is short and plain enough for a socket, else a new private folder.</summary>
    public static async Task<string> ChooseAsync(PostgresPrograms programs, string cluster, CancellationToken cancellation)
    {
        if (Fits(cluster))
            return cluster;
        await RemoveFormerAsync(cluster, cancellation);
        foreach (var parent in (string?[])[Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"), "/tmp"])
        {
            // A name that nobody can have made before: /tmp is everybody's.
            var folder = Path.Combine(parent ?? "", Prefix + Guid.NewGuid().ToString("n")[..16]);
            if (string.IsNullOrEmpty(parent) || !Fits(folder) || !await programs.CanEnterAsync(parent, cancellation))
                continue;
            await programs.MakeOwnFolderAsync(folder, cancellation);
            return folder;
        }

        throw new DatabaseException($"No folder for the database's socket: \"{cluster}\" is too long or has special characters, and /tmp cannot be used.");
    }

    /// <summary>Removes a folder that <see cref="ChooseAsync"/> made.</summary>
    public static void Remove(string folder)
    {
        if (!Path.GetFileName(folder).StartsWith(Prefix, StringComparison.Ordinal))
            return;
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Empty and closed to others: no harm.
        }
    }

    // A comma or a colon would part the name in two for the server or the driver.
    private static bool Fits(string folder) =>
        Encoding.UTF8.GetByteCount(folder) <= MaxBytes && folder.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_');

    /// <summary>The fifth line of a crashed server's postmaster.pid names the socket's folder it had.</summary>
    private static async Task RemoveFormerAsync(string cluster, CancellationToken cancellation)
    {
        var pidFile = Path.Combine(cluster, "postmaster.pid");
        if (File.Exists(pidFile) && await File.ReadAllLinesAsync(pidFile, cancellation) is { Length: >= 5 } lines)
            Remove(lines[4].Trim());
    }
}
