using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Grid.Silo.Database.Private;

/// <summary>
/// A PostgreSQL server of the grid's own: reached by a Unix socket only, never root, started again when it dies, and stopped with the grid, even when
/// the grid is killed.
/// </summary>
internal sealed partial class PrivatePostgres : IAsyncDisposable
{
    private const string DatabaseName = "grid";
    private const long LargestLogBytes = 16 << 20;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly DatabaseOptions _options;
    private readonly ILogger _logger;
    private readonly PostgresPrograms _programs;
    private readonly IDisposable _lock;
    private readonly string _cluster;
    private readonly string _socketFolder;
    private readonly string _log;
    private readonly CancellationTokenSource _stopping = new();
    private RunningServer _server = null!;
    private Task _supervision = Task.CompletedTask;

    private PrivatePostgres(DatabaseOptions options, ILogger logger, PostgresPrograms programs, IDisposable folderLock, string cluster, string socketFolder, string log)
    {
        (_options, _logger, _programs, _lock, _cluster, _socketFolder, _log) = (options, logger, programs, folderLock, cluster, socketFolder, log);
    }

    /// <summary>Raised after the server has died and answers again.</summary>
    public event Action? Restarted;

    public int ProcessId => _server.ProcessId;

    public string ConnectionString => ConnectionStringTo(DatabaseName);

    /// <summary>Starts the server, making its files at the first start.</summary>
    /// <exception cref="DatabaseException">It cannot be started; the message ends with the server's own last words.</exception>
    public static async Task<PrivatePostgres> StartAsync(DatabaseOptions options, ILogger logger, CancellationToken cancellation)
    {
        var data = Path.GetFullPath(options.DataFolder!);
        Directory.CreateDirectory(data);
        var folderLock = await DataFolderLock.TakeAsync(data, options.StartTimeout, logger, cancellation);
        PrivatePostgres? server = null;
        try
        {
            var link = Path.Combine(data, "postgres");
            var programs = await PostgresPrograms.FindAsync(options.ProgramsFolder, link, cancellation);
            var cluster = await Cluster.PrepareAsync(programs, link, cancellation);
            await Cluster.StopOrphansAsync(programs, cluster, options.StartTimeout, cancellation);
            var sockets = await SocketFolder.ChooseAsync(programs, cluster, cancellation);
            server = new PrivatePostgres(options, logger, programs, folderLock, cluster, sockets, Path.Combine(data, "postgres.log"));
            await server.LaunchAsync(cancellation);
            await server.MakeDatabaseAsync(cancellation);
            server._supervision = Task.Run(server.SuperviseAsync, CancellationToken.None);
            return server;
        }
        catch
        {
            if (server is not null)
                await server.DisposeAsync();
            else
                folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Stops the server in its orderly way: sessions are ended, everything is written.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        await _stopping.CancelAsync();
        await _supervision;
        if (_server is not null)
            await _server.StopAsync(StopLimit);
        SocketFolder.Remove(_socketFolder);
        _lock.Dispose();
    }

    private async Task LaunchAsync(CancellationToken cancellation)
    {
        if (new FileInfo(_log) is { Exists: true, Length: > LargestLogBytes })
            File.Move(_log, _log + ".1", overwrite: true);
        var before = File.Exists(_log) ? new FileInfo(_log).Length : 0;
        _server = RunningServer.Start(_programs, _log, Arguments());
        await using var source = NpgsqlDataSource.Create(ConnectionStringTo("postgres"));
        await ServerAnswers.WaitAsync(source, _options.StartTimeout, cancellation, () =>
        {
            if (_server.HasExited)
                throw new DatabaseException($"PostgreSQL ended at its start. Its last words:\n{LastWords(before)}");
        });
    }

    /// <summary>Settings for a small server whose data matter: everything is durable, little memory is held.</summary>
    private IEnumerable<string> Arguments()
    {
        yield return "-D";
        yield return _cluster;
        foreach (var setting in (string[])
            [
                "listen_addresses=", "port=5432", "unix_socket_permissions=0700", "fsync=on", "full_page_writes=on", "synchronous_commit=on",
                "wal_level=minimal", "max_wal_senders=0", "max_wal_size=512MB", "work_mem=8MB", "maintenance_work_mem=64MB", "jit=off",
                "max_connections=" + Number(_options.MaxConnections + 20), "shared_buffers=" + Number(_options.SharedBuffersMegabytes) + "MB",
                "timezone=UTC", "log_timezone=UTC", "logging_collector=off", "log_line_prefix=%m [%p] ", "cluster_name=grid",
                $"unix_socket_directories={_socketFolder}",
            ])
        {
            yield return "-c";
            yield return setting;
        }
    }

    private async Task MakeDatabaseAsync(CancellationToken cancellation)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionStringTo("postgres"));
        await using var exists = source.CreateCommand("select from pg_database where datname = $1");
        exists.Parameters.Add(new NpgsqlParameter { Value = DatabaseName });
        await using (var reader = await exists.ExecuteReaderAsync(cancellation))
        {
            if (await reader.ReadAsync(cancellation))
                return;
        }

        await using var create = source.CreateCommand($"create database {DatabaseName}");
        await create.ExecuteNonQueryAsync(cancellation);
    }

    private async Task SuperviseAsync()
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            try
            {
                await _server.WaitForExitAsync(_stopping.Token);
                Log.Died(_logger, _server.ExitCode);
                _server.Dispose();
                await Cluster.StopOrphansAsync(_programs, _cluster, _options.StartTimeout, _stopping.Token);
                await LaunchAsync(_stopping.Token);
                Restarted?.Invoke();
                Log.Back(_logger, ProcessId);
                pause = TimeSpan.FromMilliseconds(100);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.NotBack(_logger, e, pause.TotalSeconds);
                await _server.StopAsync(StopLimit);
                try
                {
                    await Task.Delay(pause, _stopping.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private string ConnectionStringTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = _socketFolder,
        Port = 5432,
        Username = "grid",
        Database = database,
        Pooling = database == DatabaseName,
        Timeout = 15,
        ApplicationName = "grid",
    }.ConnectionString;

    private string LastWords(long from)
    {
        using var log = new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        log.Position = Math.Max(from, log.Length - 4000);
        return new StreamReader(log).ReadToEnd().Trim();
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "PostgreSQL ended by itself (exit code {Code}); starting it again")]
        public static partial void Died(ILogger logger, int code);

        [LoggerMessage(2, LogLevel.Information, "PostgreSQL answers again (process {ProcessId})")]
        public static partial void Back(ILogger logger, int processId);

        [LoggerMessage(3, LogLevel.Error, "PostgreSQL could not be started again; next attempt in {Seconds} s")]
        public static partial void NotBack(ILogger logger, Exception e, double seconds);
    }
}
