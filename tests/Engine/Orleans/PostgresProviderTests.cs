using Grid.Engine.Tests.Grains;
using Grid.Silo.Database;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace Grid.Engine.Tests;

/// <summary>Orleans' AdoNet providers over the project's own tables and statements, which the embedded engine shares.</summary>
public sealed class PostgresProviderTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("grid-engine-");
    private GridDatabase _database = null!;

    public async Task InitializeAsync() =>
        _database = await GridDatabase.OpenAsync(new DatabaseOptions { DataFolder = _folder.FullName }, NullLoggerFactory.Instance);

    public async Task DisposeAsync()
    {
        await _database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task States_survive_a_restart_in_the_rows_of_the_embedded_engine()
    {
        await ExecuteAsync("""insert into grains.state (type, key, etag, state) values ('state/notes', 's', 7, '{"lines": ["embedded"]}')""");
        await using (var before = await EngineHost.StartAsync(database: _database))
        {
            var grain = before.Grains.GetGrain<IStateGrain>("s");
            Assert.Equal(["embedded"], await grain.ReadAsync());
            await grain.WriteAsync("orleans");
        }

        Assert.Equal("""8 {"lines": ["embedded", "orleans"]}""", await ScalarAsync("select etag || ' ' || state::text from grains.state where type = 'state/notes' and key = 's'"));
        await using var after = await EngineHost.StartAsync(database: _database);
        var again = after.Grains.GetGrain<IStateGrain>("s");
        Assert.Equal(["embedded", "orleans"], await again.ReadAsync());
        await again.ClearAsync();
        Assert.Null(await ScalarAsync("select key from grains.state"));
        Assert.False(await again.ExistsAsync());
        await again.WriteAsync("anew");
        await again.EndAsync();
        Assert.Equal(["anew"], await again.ReadAsync());
    }

    [Theory]
    [InlineData("record")]
    [InlineData("2a")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("4cb0a1f25a6d4c0f9b7f0e5c1d2a3b4c+x")]
    public async Task Of_two_writers_of_one_record_the_later_is_refused(string key)
    {
        await using var host = await EngineHost.StartAsync(database: _database);
        var rivals = host.Grains.GetGrain<IRivalGrain>(key);
        var first = rivals.WriteAsync("first", "gate 1");
        await Witness.UntilAsync(() => host.Witness.Events.Contains("waits gate 1"), "waits gate 1");
        var second = rivals.WriteAsync("second", "gate 2");
        await Witness.UntilAsync(() => host.Witness.Events.Contains("waits gate 2"), "waits gate 2");
        host.Witness.Open("gate 1");
        await first;
        host.Witness.Open("gate 2");
        await Assert.ThrowsAsync<InconsistentStateException>(() => second);
        await rivals.WriteAsync("third", "gate 1");
        Assert.Equal("""2 {"lines": ["first", "third"]}""", await ScalarAsync("select etag || ' ' || state::text from grains.state"));
    }

    [Fact]
    public async Task Reminders_of_either_engine_tick_and_are_taken_back()
    {
        await ExecuteAsync(
            """
            insert into grains.reminder (type, key, name, start, period, etag)
            values ('reminded', 'embedded', 'resume', now() - interval '1 day', interval '1 minute', 1)
            """);
        await using var host = await EngineHost.StartAsync(database: _database);
        var grain = host.Grains.GetGrain<IRemindedGrain>("orleans");
        await grain.StartAsync("resume", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        await grain.StartAsync("resume", TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(2));
        Assert.Equal("2", await ScalarAsync("select count(hash)::text from grains.reminder"));
        Assert.Equal("00:02:00 2", await ScalarAsync("select period || ' ' || etag from grains.reminder where key = 'orleans'"));
        foreach (var key in (string[])["embedded", "orleans"])
        {
            await host.Clock.AdvanceUntilAsync(() => host.Witness.CountOf($"reminded {key} resume") >= 1, TimeSpan.FromSeconds(20), $"a tick of {key}");
            await host.Grains.GetGrain<IRemindedGrain>(key).StopAsync("resume");
        }

        Assert.Equal("0", await ScalarAsync("select count(*)::text from grains.reminder"));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string?> ScalarAsync(string sql)
    {
        await using var command = _database.DataSource.CreateCommand(sql);
        return (string?)await command.ExecuteScalarAsync();
    }
}
