using System.Reflection;
using Grid.Embedded;
using Grid.Embedded.Reminders;
using Grid.Embedded.State;
using Grid.Silo.Database;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Grid.Silo.Engine;

/// <summary>Adds the engine that this build was made for: here the embedded one.</summary>
public static class EngineHosting
{
    /// <summary>The engine's name, for logs and operators.</summary>
    public const string Name = "embedded";

    /// <summary>Whether the engine can run on several machines.</summary>
    public static bool CanCluster => false;

    private const string OneProcess =
        "Grid:Engine:Cluster is true, but this build runs the embedded engine, which is one process: build with -p:GridEngine=orleans.";

    /// <summary>
    /// Runs grains in the host. With a database, states and reminders live in its schema <c>grains</c>; without one they last as long as
    /// the process.
    /// </summary>
    /// <param name="grains">Assemblies with grain classes; none means Grid's own.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or asks for a cluster.</exception>
    public static IHostApplicationBuilder AddGrainEngine(
        this IHostApplicationBuilder builder, EngineOptions options, GridDatabase? database = null, params Assembly[] grains)
    {
        AddGrainEngine(builder.Services, options, database, grains);
        return builder;
    }

    /// <inheritdoc cref="AddGrainEngine(IHostApplicationBuilder, EngineOptions, GridDatabase?, Assembly[])"/>
    public static IServiceCollection AddGrainEngine(
        this IServiceCollection services, EngineOptions options, GridDatabase? database = null, params Assembly[] grains)
    {
        options.Validate();
        if (options.Cluster)
            throw new ArgumentException(OneProcess);
        if (database is not null)
        {
            services.AddSingleton<IGrainStateStore>(new PostgresGrainStateStore(database.DataSource));
            services.AddSingleton<IReminderStore>(new PostgresReminderStore(database.DataSource));
        }
        services.AddSingleton<IActivationCounts, ActivationCounts>();
        services.AddSingleton<IClusterView>(provider => new ClusterView(options, provider.GetRequiredService<EmbeddedGrains>()));
        services.AddSingleton<Grid.Grains.Pyramids.IRegionSilos, Grid.Grains.Pyramids.OneSilo>();
        return services.AddEmbeddedGrains(
            embedded =>
            {
                embedded.ResponseTimeout = TimeSpan.FromSeconds(options.ResponseTimeoutSeconds);
                embedded.CollectionAge = TimeSpan.FromMinutes(options.CollectionAgeMinutes);
                embedded.StopTimeout = TimeSpan.FromSeconds(options.StopTimeoutSeconds);
                embedded.StateJson = GrainStateJson.Options;
            },
            grains.Length > 0 ? grains : [Assembly.Load("Grid.Grains")]);
    }

    /// <summary>Not of this engine, whose grains are in the process that calls them.</summary>
    /// <exception cref="ArgumentException">Always.</exception>
    public static IHostApplicationBuilder AddGrainClient(this IHostApplicationBuilder builder, EngineOptions options, GridDatabase database) =>
        throw new ArgumentException(OneProcess);

    /// <summary>Calls of grains become spans of their callers' traces.</summary>
    internal static void TraceGrainCalls(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Orleans.IOutgoingGrainCallFilter, TracedCalls>();
        builder.Services.AddSingleton<Orleans.IIncomingGrainCallFilter, TracedCalls>();
    }
}
