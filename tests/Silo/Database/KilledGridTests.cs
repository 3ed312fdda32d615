using System.Diagnostics;
using Grid.Silo.Database;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grid.Silo.Tests.Database;

/// <summary>A grid in a process of its own, killed without warning.</summary>
public sealed class KilledGridTests
{
    [Fact]
    public async Task The_server_of_a_killed_grid_ends_and_the_next_grid_finds_everything()
    {
        using var data = new ScratchData();
        for (var round = 1; round <= 3; round++)
        {
            var (grid, server) = await StartGridAsync(data.Folder, round);
            grid.Kill();
            await grid.WaitForExitAsync();
            // Even rounds start the next grid while the last server may still run; odd ones show that it ends by itself.
            if (round % 2 == 1)
                await Waits.UntilAsync("the server's end", () => !Directory.Exists($"/proc/{server}"));
        }

        await using var database = await data.OpenAsync();
        Assert.Equal("1,2,3", await Notes.AskAsync<string>(database, "select string_agg(id::text, ',' order by id) from note"));
    }

    [Fact]
    public async Task A_server_left_running_is_stopped_before_a_new_one_starts()
    {
        using var data = new ScratchData();
        var (grid, server) = await StartGridAsync(data.Folder, 1);
        foreach (var watcher in Process.GetProcessesByName("sh").Where(p => WatchesOver(p, server)))
            watcher.Kill();
        grid.Kill();
        await grid.WaitForExitAsync();
        Assert.True(Directory.Exists($"/proc/{server}"));
        await using var database = await data.OpenAsync();
        Assert.NotEqual(server, database.ServerProcessId);
        Assert.Equal(1, await Notes.AskAsync<int>(database, "select id from note"));
    }

    private static bool WatchesOver(Process shell, int server)
    {
        try
        {
            return File.ReadAllText($"/proc/{shell.Id}/cmdline").Split('\0').Contains($"{server}");
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Runs this test assembly's own entry (<see cref="GridProcess"/>) and waits until it has written a note.</summary>
    private static async Task<(Process Grid, int Server)> StartGridAsync(string folder, int note)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(GridProcess).Assembly.Location, folder, $"{note}"]) { RedirectStandardOutput = true };
        var grid = Process.Start(start)!;
        var line = await grid.StandardOutput.ReadLineAsync();
        Assert.True(int.TryParse(line, out var server), $"the grid said: {line}");
        return (grid, server);
    }
}

/// <summary>The program that <see cref="KilledGridTests"/> kills: opens the database, writes one note, tells the server's process id, and stays.</summary>
public static class GridProcess
{
    public static async Task<int> Main(string[] arguments)
    {
        await using var database = await GridDatabase.OpenAsync(new DatabaseOptions { DataFolder = arguments[0] }, NullLoggerFactory.Instance);
        await Notes.ExecuteAsync(database, "create table if not exists note (id int primary key)");
        await Notes.ExecuteAsync(database, $"insert into note values ({arguments[1]})");
        Console.WriteLine(database.ServerProcessId);
        await Task.Delay(Timeout.Infinite);
        return 0;
    }
}
