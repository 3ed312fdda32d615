using System.Globalization;
using System.Text;
using Dapper;
using Grid.Embedded.State;
using Npgsql;
using Orleans.Storage;

namespace Grid.Silo.Engine;

/// <summary>States in the table <c>grains.state</c>. The version is checked by the same statement that writes.</summary>
internal sealed class PostgresGrainStateStore(NpgsqlDataSource dataSource) : IGrainStateStore
{
    public async Task<StoredState?> ReadAsync(string type, string key, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<(string Json, long Etag)?>(new(
            "select state::text, etag from grains.state where type = @type and key = @key", new { type, key }, cancellationToken: cancellationToken));
        return row is { } found ? new(Encoding.UTF8.GetBytes(found.Json), Text(found.Etag)) : null;
    }

    public async Task<string> WriteAsync(string type, string key, ReadOnlyMemory<byte> json, string? etag, CancellationToken cancellationToken)
    {
        var state = Encoding.UTF8.GetString(json.Span);
        var statement = etag is null
            ? "insert into grains.state (type, key, etag, state) values (@type, @key, 1, @state::jsonb) on conflict do nothing returning etag"
            : "update grains.state set state = @state::jsonb, etag = etag + 1 where type = @type and key = @key and etag = @version returning etag";
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var written = await connection.ExecuteScalarAsync<long?>(new(
            statement, new { type, key, state, version = Version(etag) }, cancellationToken: cancellationToken));
        return written is { } version ? Text(version) : throw await ConflictAsync(connection, type, key, etag);
    }

    public async Task ClearAsync(string type, string key, string? etag, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var removed = etag is null ? 0 : await connection.ExecuteAsync(new(
            "delete from grains.state where type = @type and key = @key and etag = @version",
            new { type, key, version = Version(etag) },
            cancellationToken: cancellationToken));
        if (removed == 1) return;
        var conflict = await ConflictAsync(connection, type, key, etag);
        if (conflict.StoredEtag != etag) throw conflict;
    }

    private static async Task<InconsistentStateException> ConflictAsync(NpgsqlConnection connection, string type, string key, string? etag)
    {
        var stored = await connection.ExecuteScalarAsync<long?>(
            "select etag from grains.state where type = @type and key = @key", new { type, key });
        var found = stored is { } version ? Text(version) : null;
        return new($"State {type} of {key} has version {found ?? "none"}, not {etag ?? "none"}.", found, etag);
    }

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static long Version(string? etag) => etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);
}
