using System.Diagnostics;
using Grid.Silo.Database;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Grid.Silo.Tests.Database;

public sealed class PrivatePostgresTests
{
    [Fact]
    public async Task A_fresh_folder_gets_a_server_with_the_schema_and_PostGIS()
    {
        using var data = new ScratchData();
        await using var database = await data.OpenAsync();
        Assert.True(database.IsPrivate);
        Assert.Equal(Migration.Embedded.Count, await Notes.AskAsync<int>(database, "select count(*) from public.grid_migration"));
        Assert.Equal(0, await Notes.AskAsync<int>(database, "select count(*) from catalogue.upload"));
        Assert.StartsWith("POINT(", await Notes.AskAsync<string>(database, "select ST_AsText(ST_Transform('SRID=4326;POINT(2 48)'::geometry, 2154))"));
    }

    [Fact]
    public async Task The_server_listens_on_no_port_is_not_root_and_is_durable()
    {
        using var data = new ScratchData();
        await using var database = await data.OpenAsync();
        Assert.Equal("", await Notes.AskAsync<string>(database, "show listen_addresses"));
        Assert.Equal("on", await Notes.AskAsync<string>(database, "show fsync"));
        Assert.Equal("on", await Notes.AskAsync<string>(database, "show synchronous_commit"));
        var status = File.ReadAllLines($"/proc/{database.ServerProcessId}/status");
        Assert.DoesNotContain(status, line => line.StartsWith("Uid:") && line.Split('\t').Contains("0"));
        var sockets = await Notes.AskAsync<string>(database, "show unix_socket_directories");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(sockets!));
    }

    [Fact]
    public async Task What_was_written_is_there_after_a_restart_and_the_server_has_ended_between()
    {
        using var data = new ScratchData();
        int server;
        await using (var database = await data.OpenAsync())
        {
            server = database.ServerProcessId!.Value;
            await Notes.MakeAsync(database);
            await Notes.ExecuteAsync(database, "insert into note values (7)");
        }

        Assert.False(Directory.Exists($"/proc/{server}"));
        await using var again = await data.OpenAsync();
        Assert.Equal(7, await Notes.AskAsync<int>(again, "select id from note"));
    }

    [Fact]
    public async Task A_killed_server_comes_back_with_all_that_was_committed_and_queries_recover()
    {
        using var data = new ScratchData();
        await using var database = await data.OpenAsync();
        await Notes.MakeAsync(database);
        for (var round = 1; round <= 3; round++)
        {
            var killed = database.ServerProcessId!.Value;
            await Notes.ExecuteAsync(database, $"insert into note values ({round})");
            Process.GetProcessById(killed).Kill();
            var rows = await Waits.UntilAsync("a query after the kill", async () =>
            {
                var count = await Notes.AskAsync<int>(database, "select count(*) from note");
                // The killed server's session may answer once more before it notices.
                return database.ServerProcessId != killed ? count : throw new NpgsqlException("the killed server's session answered");
            });
            Assert.Equal(round, rows);
        }
    }

    [Fact]
    public async Task Queries_of_many_callers_recover_when_the_server_is_killed_under_them()
    {
        using var data = new ScratchData();
        await using var database = await data.OpenAsync();
        await Notes.MakeAsync(database);
        using var stop = new CancellationTokenSource();
        var committed = 0;
        var writers = Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var id = i * 8 + writer;
                // A commit whose answer was lost in the kill may have been made: then the row is there already.
                await Waits.UntilAsync("an insert", () => Notes.ExecuteAsync(database, $"insert into note values ({id}) on conflict do nothing"));
                Interlocked.Increment(ref committed);
            }
        })).ToList();
        await Waits.UntilAsync("some rows", () => Volatile.Read(ref committed) > 100);
        var killed = database.ServerProcessId!.Value;
        Process.GetProcessById(killed).Kill();
        await Waits.UntilAsync("another server", () => database.ServerProcessId != killed);
        var at = Volatile.Read(ref committed);
        await Waits.UntilAsync("more rows", () => Volatile.Read(ref committed) > at + 100);
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        Assert.Equal(committed, await Notes.AskAsync<int>(database, "select count(*) from note"));
    }

    [Fact]
    public async Task Stale_lock_files_with_the_number_of_a_living_program_do_not_stop_the_start()
    {
        using var data = new ScratchData();
        await using (var database = await data.OpenAsync())
            await Notes.MakeAsync(database);

        // A program of the same account: to PostgreSQL, one of another account cannot be the former server.
        using var elsewhere = new ScratchData();
        await using var other = await elsewhere.OpenAsync();
        var cluster = Path.Combine(data.Folder, "postgres");
        var owned = $"{other.ServerProcessId}\n{cluster}\n1700000000\n5432\n{cluster}\n";
        await File.WriteAllTextAsync(Path.Combine(cluster, "postmaster.pid"), $"{owned}\n  5432001    131072\nready   \n");
        await File.WriteAllTextAsync(Path.Combine(cluster, ".s.PGSQL.5432.lock"), owned);
        await using var again = await data.OpenAsync();
        Assert.Equal(0, await Notes.AskAsync<int>(again, "select count(*) from note"));
    }

    [Fact]
    public async Task A_second_grid_on_the_same_folder_waits_and_then_says_that_it_is_in_use()
    {
        using var data = new ScratchData();
        await using var first = await data.OpenAsync();
        var options = data.Options;
        options.StartTimeoutSeconds = 1;
        var refusal = await Assert.ThrowsAsync<DatabaseException>(() => GridDatabase.OpenAsync(options, NullLoggerFactory.Instance));
        Assert.Contains("in use by another grid", refusal.Message);
        Assert.Equal(1, await Notes.AskAsync<int>(first, "select 1"));
    }

    [Fact]
    public async Task A_second_grid_on_the_same_folder_starts_when_the_first_has_ended()
    {
        using var data = new ScratchData();
        var first = await data.OpenAsync();
        await Notes.MakeAsync(first);
        var second = data.OpenAsync();
        await first.DisposeAsync();
        await using var database = await second;
        Assert.Equal(0, await Notes.AskAsync<int>(database, "select count(*) from note"));
    }

    [Fact]
    public async Task A_long_path_with_spaces_and_accents_works_through_a_socket_elsewhere()
    {
        using var data = new ScratchData("grid test, é: " + new string('x', 100));
        string? sockets;
        await using (var database = await data.OpenAsync())
        {
            sockets = await Notes.AskAsync<string>(database, "show unix_socket_directories");
            Assert.DoesNotContain("xxx", sockets);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(sockets!));
        }

        Assert.False(Directory.Exists(sockets));
    }

    [Fact]
    public async Task A_data_folder_that_the_servers_account_cannot_enter_works_all_the_same()
    {
        using var data = new ScratchData();
        File.SetUnixFileMode(data.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using (var database = await data.OpenAsync())
            await Notes.MakeAsync(database);
        await using var again = await data.OpenAsync();
        Assert.Equal(0, await Notes.AskAsync<int>(again, "select count(*) from note"));
    }

    [Fact]
    public async Task A_cluster_left_half_made_is_made_again()
    {
        using var data = new ScratchData();
        Directory.CreateDirectory(Path.Combine(data.Folder, "postgres.making-abc", "base"));
        await using var database = await data.OpenAsync();
        Assert.Equal(1, await Notes.AskAsync<int>(database, "select 1"));
        Assert.Empty(Directory.GetDirectories(data.Folder, "*.making-*"));
    }

    [Fact]
    public async Task A_folder_of_something_else_is_left_alone()
    {
        using var data = new ScratchData();
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(data.Folder, "postgres")).FullName, "thesis.txt");
        await File.WriteAllTextAsync(file, "irreplaceable");
        var refusal = await Assert.ThrowsAsync<DatabaseException>(data.OpenAsync);
        Assert.Contains("not empty", refusal.Message);
        Assert.True(File.Exists(file));
    }

    [Fact]
    public async Task A_server_that_cannot_start_is_told_with_its_own_words()
    {
        using var data = new ScratchData();
        await using (await data.OpenAsync())
        {
        }

        File.Delete(Path.Combine(data.Folder, "postgres", "global", "pg_control"));
        var refusal = await Assert.ThrowsAsync<DatabaseException>(data.OpenAsync);
        Assert.Contains("pg_control", refusal.Message);
    }
}
