using Grid.Embedded.Reminders;
using Grid.Silo.Database;
using Grid.Silo.Engine;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace Grid.Engine.Tests.Embedded;

public sealed class PostgresStoreTests : IAsyncLifetime
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
    public async Task A_state_is_written_only_over_the_version_that_was_read()
    {
        var store = new PostgresGrainStateStore(_database.DataSource);
        Assert.Null(await store.ReadAsync("t/s", "k", default));
        var one = await store.WriteAsync("t/s", "k", """{"a":1}"""u8.ToArray(), null, default);
        await Assert.ThrowsAsync<InconsistentStateException>(() => store.WriteAsync("t/s", "k", "{}"u8.ToArray(), null, default));
        var two = await store.WriteAsync("t/s", "k", """{"a":2}"""u8.ToArray(), one, default);
        var conflict = await Assert.ThrowsAsync<InconsistentStateException>(() => store.WriteAsync("t/s", "k", "{}"u8.ToArray(), one, default));
        Assert.Equal((two, one), (conflict.StoredEtag, conflict.CurrentEtag));

        var read = await store.ReadAsync("t/s", "k", default);
        Assert.Equal(two, read!.Etag);
        Assert.Equal("""{"a": 2}""", System.Text.Encoding.UTF8.GetString(read.Json.Span));

        await Assert.ThrowsAsync<InconsistentStateException>(() => store.ClearAsync("t/s", "k", one, default));
        await store.ClearAsync("t/s", "k", two, default);
        Assert.Null(await store.ReadAsync("t/s", "k", default));
        await store.ClearAsync("t/s", "k", null, default);
    }

    [Fact]
    public async Task Reminders_are_kept_replaced_and_removed()
    {
        var store = new PostgresReminderStore(_database.DataSource);
        var reminder = new StoredReminder("t", "k", "n", new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero), TimeSpan.FromMinutes(5));
        await store.WriteAsync(reminder, default);
        await store.WriteAsync(reminder with { Period = TimeSpan.FromMinutes(7) }, default);
        Assert.Equal([reminder with { Period = TimeSpan.FromMinutes(7) }], await store.ReadAllAsync(default));
        await store.RemoveAsync("t", "k", "n", default);
        Assert.Empty(await store.ReadAllAsync(default));
    }
}
