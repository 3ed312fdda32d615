using Grid.Silo.Database.Private;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Grid.Silo.Database;

/// <summary>
/// The grid's database, ready for queries: a server that the settings name, or a private one that lives as long as this object. Owned by the host, which
/// disposes it after all that queries it.
/// </summary>
public sealed class GridDatabase : IAsyncDisposable
{
    private readonly PrivatePostgres? _private;
    private readonly ConnectionWatch? _watch;

    private GridDatabase(NpgsqlDataSource dataSource, string connectionString, PrivatePostgres? server)
    {
        DataSource = dataSource;
        ConnectionString = connectionString;
        _private = server;
        // Of its own server it is told.
        _watch = server is null ? new ConnectionWatch(dataSource) : null;
    }

    /// <summary>Pooled connections. After a restart of the server new ones are made by themselves; a query under way at that moment fails.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>For those who make connections of their own. It may hold a password.</summary>
    public string ConnectionString { get; }

    /// <summary>True when the server is this process's own.</summary>
    public bool IsPrivate => _private is not null;

    /// <summary>The process id of the private server's postmaster at this moment, or null.</summary>
    public int? ServerProcessId => _private?.ProcessId;

    /// <summary>Connects or starts the server, waits until it answers, and applies the migrations.</summary>
    /// <param name="options">Which server.</param>
    /// <param name="loggers">For the server's and Npgsql's logs.</param>
    /// <param name="cancellation">Stops the waiting; a server started meanwhile is stopped again.</param>
    /// <exception cref="DatabaseException">A setting is impossible, a program is missing, the server does not answer in time, or its schema is not ours.</exception>
    public static async Task<GridDatabase> OpenAsync(DatabaseOptions options, ILoggerFactory loggers, CancellationToken cancellation = default)
    {
        options.Validate();
        var logger = loggers.CreateLogger<GridDatabase>();
        PrivatePostgres? server = null;
        NpgsqlDataSource? source = null;
        try
        {
            var connectionString = options.ConnectionString;
            if (string.IsNullOrEmpty(connectionString))
            {
                server = await PrivatePostgres.StartAsync(options, logger, cancellation);
                connectionString = server.ConnectionString;
                source = SourceOf(connectionString, options, loggers);
                server.Restarted += source.Clear;
            }
            else
            {
                source = SourceOf(connectionString, options, loggers);
                await ServerAnswers.WaitAsync(source, options.StartTimeout, cancellation);
            }

            await Migrations.ApplyAsync(source, Migration.Embedded, logger, cancellation);
            return new GridDatabase(source, connectionString, server);
        }
        catch
        {
            if (source is not null)
                await source.DisposeAsync();
            if (server is not null)
                await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the connections, then stops a private server and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_watch is not null)
            await _watch.DisposeAsync();
        await DataSource.DisposeAsync();
        if (_private is not null)
            await _private.DisposeAsync();
    }

    private static NpgsqlDataSource SourceOf(string connectionString, DatabaseOptions options, ILoggerFactory loggers)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException e)
        {
            // The text may hold a password: only the parser's sentence is told.
            throw new DatabaseException($"Grid:Database:ConnectionString cannot be read: {e.Message}");
        }

        if (!connectionString.Contains("Pool Size", StringComparison.OrdinalIgnoreCase))
            settings.MaxPoolSize = options.MaxConnections;
        settings.ApplicationName ??= "grid";
        return new NpgsqlDataSourceBuilder(settings.ConnectionString).UseLoggerFactory(loggers).Build();
    }
}
