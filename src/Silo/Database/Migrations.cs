using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Grid.Silo.Database;

/// <summary>
/// Brings a database to the schema of this program. All pending steps are one transaction, under a lock that makes programs starting together wait for
/// each other; what was applied is recorded with its checksum in <c>public.grid_migration</c>.
/// </summary>
public static partial class Migrations
{
    /// <summary>Any fixed number: the key of PostgreSQL's advisory lock for this schema.</summary>
    private const long LockKey = 0x47524944_4d494752;

    /// <summary>Applies the steps that the database lacks; returns how many those were.</summary>
    /// <exception cref="DatabaseException">An applied step differs from this program's, or the database is of a newer program.</exception>
    /// <exception cref="NpgsqlException">A statement failed; nothing was changed.</exception>
    public static async Task<int> ApplyAsync(
        NpgsqlDataSource source, IReadOnlyList<Migration> steps, ILogger logger, CancellationToken cancellation = default)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({LockKey})", cancellation);
        await ExecuteAsync(connection, """
            create table if not exists public.grid_migration (
              number int primary key,
              name text not null,
              checksum text not null,
              applied timestamptz not null default now()
            )
            """, cancellation);
        var applied = (await connection.QueryAsync<(int Number, string Name, string Checksum)>(new CommandDefinition(
            "select number, name, checksum from public.grid_migration order by number", cancellationToken: cancellation))).ToDictionary(r => r.Number);
        RefuseDifferences(steps, applied);

        if (applied.Count == 0)
            await AddPostGisAsync(connection, logger, cancellation);
        var count = 0;
        foreach (var step in steps.Where(s => !applied.ContainsKey(s.Number)).OrderBy(s => s.Number))
        {
            Log.Applying(logger, step.Name);
            await ExecuteAsync(connection, step.Sql, cancellation);
            await connection.ExecuteAsync(new CommandDefinition(
                "insert into public.grid_migration (number, name, checksum) values (@Number, @Name, @Checksum)", step, cancellationToken: cancellation));
            count++;
        }

        await transaction.CommitAsync(cancellation);
        if (count > 0)
            await source.ReloadTypesAsync(cancellation);
        return count;
    }

    private static void RefuseDifferences(IReadOnlyList<Migration> steps, Dictionary<int, (int Number, string Name, string Checksum)> applied)
    {
        foreach (var step in steps)
        {
            if (applied.TryGetValue(step.Number, out var was) && was.Checksum != step.Checksum)
                throw new DatabaseException(
                    $"The migration {step.Name} is not what this database was made with ({was.Name}, checksum {was.Checksum[..12]}, now {step.Checksum[..12]}). "
                    + "Run the version of the program that made it, or start with an empty data folder.");
        }

        var newest = steps.Count == 0 ? 0 : steps.Max(s => s.Number);
        if (applied.Values.FirstOrDefault(a => steps.All(s => s.Number != a.Number)) is { Name: not null } unknown)
            throw new DatabaseException(
                $"The database has the migration {unknown.Name}, which this program (up to {newest:0000}) does not know: it was made by a newer program.");
        if (applied.Count > 0 && steps.FirstOrDefault(s => !applied.ContainsKey(s.Number) && s.Number < applied.Keys.Max()) is { } late)
            throw new DatabaseException($"The migration {late.Name} comes before {applied.Keys.Max():0000}, which this database has already.");
    }

    private static async Task AddPostGisAsync(NpgsqlConnection connection, ILogger logger, CancellationToken cancellation)
    {
        var available = await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select from pg_available_extensions where name = 'postgis')", cancellationToken: cancellation));
        if (!available)
        {
            Log.NoPostGis(logger);
            return;
        }

        // A role that may not create extensions leaves it to the server's owner; the savepoint keeps the transaction usable.
        await ExecuteAsync(connection, "savepoint postgis", cancellation);
        try
        {
            await ExecuteAsync(connection, "create extension if not exists postgis", cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            await ExecuteAsync(connection, "rollback to savepoint postgis", cancellation);
            Log.MayNotAddPostGis(logger);
        }
    }

    // No time limit: another program may hold the lock as long as its own steps take.
    private static Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation) =>
        connection.ExecuteAsync(new CommandDefinition(sql, commandTimeout: 0, cancellationToken: cancellation));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Applying the migration {Name}")]
        public static partial void Applying(ILogger logger, string name);

        [LoggerMessage(2, LogLevel.Warning, "The database server has no PostGIS: vector services will not work. On Debian: apt-get install postgresql-15-postgis-3")]
        public static partial void NoPostGis(ILogger logger);

        [LoggerMessage(3, LogLevel.Warning, "This database role may not add PostGIS: let the server's owner run \"create extension postgis\"")]
        public static partial void MayNotAddPostGis(ILogger logger);
    }
}
