using Grid.Silo.Database;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Grid.Silo.Tests.Database;

/// <summary>One server for the tests of this class, a database of its own for each.</summary>
public sealed class OneServer : IAsyncLifetime
{
    private readonly ScratchData _data = new();
    private int _count;

    public GridDatabase Database { get; private set; } = null!;

    public async Task InitializeAsync() => Database = await _data.OpenAsync();

    public async Task DisposeAsync()
    {
        await Database.DisposeAsync();
        _data.Dispose();
    }

    public async Task<NpgsqlDataSource> EmptyDatabaseAsync() => NpgsqlDataSource.Create(await EmptyDatabaseNameAsync());

    public async Task<string> EmptyDatabaseNameAsync()
    {
        var name = $"empty{Interlocked.Increment(ref _count)}";
        await Notes.ExecuteAsync(Database, $"create database {name}");
        return new NpgsqlConnectionStringBuilder(Database.DataSource.ConnectionString) { Database = name, MaxPoolSize = 4 }.ConnectionString;
    }
}

public sealed class MigrationTests(OneServer server) : IClassFixture<OneServer>
{
    private static readonly Migration First = new(1, "0001_first.sql", "create table first (id int);\ninsert into first values (1);");
    private static readonly Migration Second = new(2, "0002_second.sql", "alter table first add column name text;");

    [Fact]
    public void Embedded_migrations_are_numbered_from_one_without_gaps()
    {
        Assert.NotEmpty(Migration.Embedded);
        Assert.Equal(Enumerable.Range(1, Migration.Embedded.Count), Migration.Embedded.Select(m => m.Number));
    }

    [Fact]
    public async Task Steps_are_applied_once_in_order()
    {
        await using var source = await server.EmptyDatabaseAsync();
        Assert.Equal(1, await ApplyAsync(source, First));
        Assert.Equal(1, await ApplyAsync(source, First, Second));
        Assert.Equal(0, await ApplyAsync(source, First, Second));
        Assert.Equal(1L, await AskAsync(source, "select count(*) from first where name is null"));
    }

    [Fact]
    public async Task Programs_that_start_together_apply_each_step_once()
    {
        await using var source = await server.EmptyDatabaseAsync();
        await using var other = NpgsqlDataSource.Create(source.ConnectionString);
        var counts = await Task.WhenAll(
            ApplyAsync(source, First, Second), ApplyAsync(other, First, Second), ApplyAsync(source, First, Second), ApplyAsync(other, First, Second));
        Assert.Equal([0, 0, 0, 2], counts.Order());
        Assert.Equal(1L, await AskAsync(source, "select count(*) from first"));
    }

    [Fact]
    public async Task Line_ends_do_not_change_a_step_but_its_text_does()
    {
        await using var source = await server.EmptyDatabaseAsync();
        await ApplyAsync(source, First);
        Assert.Equal(0, await ApplyAsync(source, First with { Sql = First.Sql.Replace("\n", "\r\n") }));
        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => ApplyAsync(source, new Migration(1, First.Name, First.Sql + " ")));
        Assert.Contains("0001_first.sql is not what this database was made with", refusal.Message);
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused()
    {
        await using var source = await server.EmptyDatabaseAsync();
        await ApplyAsync(source, First, Second);
        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => ApplyAsync(source, First));
        Assert.Contains("0002_second.sql", refusal.Message);
        Assert.Contains("newer program", refusal.Message);
    }

    [Fact]
    public async Task A_failing_step_leaves_nothing_behind()
    {
        await using var source = await server.EmptyDatabaseAsync();
        await Assert.ThrowsAsync<PostgresException>(() => ApplyAsync(source, First, new Migration(2, "0002_bad.sql", "create table second (id int); select nonsense();")));
        Assert.Equal(0L, await AskAsync(source, "select count(*) from pg_tables where tablename in ('first', 'second', 'grid_migration')"));
    }

    [Fact]
    public async Task A_named_server_is_used_as_it_is_and_left_running()
    {
        var connection = await server.EmptyDatabaseNameAsync();
        await using (var database = await GridDatabase.OpenAsync(new DatabaseOptions { ConnectionString = connection }, NullLoggerFactory.Instance))
        {
            Assert.False(database.IsPrivate);
            Assert.Equal(0, await Notes.AskAsync<int>(database, "select count(*) from catalogue.offering"));
        }

        Assert.Equal(1, await Notes.AskAsync<int>(server.Database, "select 1"));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_told_without_the_password()
    {
        var options = new DatabaseOptions { ConnectionString = "Host=127.0.0.1;Port=1;Username=grid;Password=hunter2;Timeout=1", StartTimeoutSeconds = 1 };
        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => GridDatabase.OpenAsync(options, NullLoggerFactory.Instance));
        Assert.Contains("did not answer within 1 s", refusal.Message);
        Assert.DoesNotContain("hunter2", refusal.ToString());
    }

    private static Task<int> ApplyAsync(NpgsqlDataSource source, params Migration[] steps) => Migrations.ApplyAsync(source, steps, NullLogger.Instance);

    private static async Task<object?> AskAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}
