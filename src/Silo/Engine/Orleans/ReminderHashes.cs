using Dapper;
using Npgsql;
using Orleans.Runtime;

namespace Grid.Silo.Engine;

/// <summary>Gives the reminders that the embedded engine wrote the hash by which silos find theirs, before a silo looks for them.</summary>
internal sealed class ReminderHashes(NpgsqlDataSource dataSource) : IStartupTask
{
    public async Task Execute(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Type, string Key)>(new(
            "select distinct type, key from grains.reminder where hash is null", cancellationToken: cancellationToken));
        foreach (var (type, key) in rows)
        {
            var hash = (int)GrainId.Create(type, key).GetUniformHashCode();
            await connection.ExecuteAsync(new(
                "update grains.reminder set hash = @hash where type = @type and key = @key", new { hash, type, key }, cancellationToken: cancellationToken));
        }
    }
}
