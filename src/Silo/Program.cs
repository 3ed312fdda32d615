using Grid.Silo.Database;
using Grid.Silo.Engine;
using Grid.Silo.Health;
using Grid.Silo.Hosting;
using Grid.Silo.Operations;
using Grid.Silo.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;

namespace Grid.Silo;

/// <summary>
/// One silo of a cluster: grains and nothing else, but for health and metrics at <c>--urls</c>. With the argument <c>database</c> first it
/// is instead the private PostgreSQL of a cluster on one machine.
/// </summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            if (args is ["database", .. var rest])
                return await SharedDatabase.RunAsync(rest);
            if (!EngineHosting.CanCluster)
                throw new ArgumentException("A silo of its own is one of a cluster, and this build runs the embedded engine, which is one process: "
                    + "build with -p:GridEngine=orleans, or run Grid.Frontend, which has its grains in itself.");
            await RunSiloAsync(args);
            return 0;
        }
        catch (Exception refused) when (refused is ArgumentException or DatabaseException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync($"Grid.Silo: {refused.Message}");
            return 1;
        }
    }

    private static async Task RunSiloAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Configuration.AddInMemoryCollection([new("Grid:Engine:Cluster", "true")]);
        builder.Configuration.AddDefaultLogLevels();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.AddLogFiles("silo");
        // Disposed last: the host has stopped all that asks the database by then.
        await using var database = await builder.AddSiloAsync();
        builder.AddTelemetry();
        builder.Services.AddOperations();
        await using var app = builder.Build();
        app.MapHealth();
        app.MapSiloHealth();
        app.MapMetrics();
        await app.RunAsync();
    }
}
