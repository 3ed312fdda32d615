using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grid.Silo.Database;

/// <summary>The private PostgreSQL as a process of its own, for silos and frontends that share it on one machine.</summary>
public static class SharedDatabase
{
    /// <summary>File of the data folder with the connection string, there while the server answers.</summary>
    public const string ConnectionFile = "postgres.connection";

    /// <summary>Runs the server under <c>Grid:DataFolder</c> until the process is told to stop.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        var options = builder.Configuration.GetSection("Grid:Database").Get<DatabaseOptions>() ?? new DatabaseOptions();
        options.DataFolder ??= Path.GetFullPath(builder.Configuration["Grid:DataFolder"] ?? "data");
        options.ConnectionString = null;
        using var loggers = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddSimpleConsole());
        await using var database = await GridDatabase.OpenAsync(options, loggers);
        var file = Path.Combine(options.DataFolder, ConnectionFile);
        var draft = file + ".partial";
        await File.WriteAllTextAsync(draft, database.ConnectionString);
        File.Move(draft, file, overwrite: true);
        try
        {
            using var host = builder.Build();
            await host.RunAsync();
        }
        finally
        {
            File.Delete(file);
        }

        return 0;
    }
}
