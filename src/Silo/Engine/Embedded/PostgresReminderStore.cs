using Dapper;
using Grid.Embedded.Reminders;
using Npgsql;

namespace Grid.Silo.Engine;

/// <summary>Reminders in the table <c>grains.reminder</c>.</summary>
internal sealed class PostgresReminderStore(NpgsqlDataSource dataSource) : IReminderStore
{
    public async Task<IReadOnlyList<StoredReminder>> ReadAllAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Type, string Key, string Name, DateTime Start, TimeSpan Period)>(
            new("select type, key, name, start, period from grains.reminder", cancellationToken: cancellationToken));
        return [.. rows.Select(row => new StoredReminder(row.Type, row.Key, row.Name, row.Start, row.Period))];
    }

    public async Task WriteAsync(StoredReminder reminder, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new(
            """
            insert into grains.reminder (type, key, name, start, period, etag) values (@GrainType, @GrainKey, @Name, @start, @Period, 1)
            on conflict (type, key, name) do update set start = excluded.start, period = excluded.period, etag = grains.reminder.etag + 1
            """,
            new { reminder.GrainType, reminder.GrainKey, reminder.Name, start = reminder.Start.UtcDateTime, reminder.Period },
            cancellationToken: cancellationToken));
    }

    public async Task RemoveAsync(string grainType, string grainKey, string name, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new(
            "delete from grains.reminder where type = @grainType and key = @grainKey and name = @name",
            new { grainType, grainKey, name },
            cancellationToken: cancellationToken));
    }
}
