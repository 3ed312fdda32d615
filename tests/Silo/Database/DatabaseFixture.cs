using System.Diagnostics;
using Dapper;
using Grid.Silo.Database;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: System.Runtime.Versioning.SupportedOSPlatform("linux")]

namespace Grid.Silo.Tests.Database;

/// <summary>A data folder that is removed after the test, and the words the tests share.</summary>
public sealed class ScratchData : IDisposable
{
    public ScratchData(string name = "grid-test-")
    {
        Folder = Directory.CreateTempSubdirectory(name).FullName;
        // Temporary folders are closed to the account that root runs the server under.
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
    }

    public string Folder { get; }

    public DatabaseOptions Options => new() { DataFolder = Folder, StartTimeoutSeconds = 60 };

    public Task<GridDatabase> OpenAsync() => GridDatabase.OpenAsync(Options, NullLoggerFactory.Instance);

    public void Dispose()
    {
        var outside = new DirectoryInfo(Path.Combine(Folder, "postgres")).LinkTarget;
        Directory.Delete(Folder, recursive: true);
        if (outside is not null)
            Directory.Delete(outside, recursive: true);
    }
}

internal static class Waits
{
    /// <summary>Tries until it succeeds; fails with the last error after a minute.</summary>
    public static async Task<T> UntilAsync<T>(string what, Func<Task<T>> attempt)
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(20))
        {
            try
            {
                return await attempt();
            }
            catch (NpgsqlException e)
            {
                if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromMinutes(1))
                    throw new TimeoutException($"Still failing after a minute: {what}", e);
            }
        }
    }

    public static async Task UntilAsync(string what, Func<bool> condition)
    {
        for (var since = Stopwatch.GetTimestamp(); !condition(); await Task.Delay(20))
        {
            if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromMinutes(1))
                throw new TimeoutException($"Not so after a minute: {what}");
        }
    }
}

internal static class Notes
{
    public static Task MakeAsync(GridDatabase database) => ExecuteAsync(database, "create table note (id int primary key)");

    public static async Task<int> ExecuteAsync(GridDatabase database, string sql)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        return await connection.ExecuteAsync(sql);
    }

    public static async Task<T?> AskAsync<T>(GridDatabase database, string sql)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<T>(sql);
    }
}
