using System.Reflection;
using Grid.Embedded;
using Grid.Embedded.Reminders;
using Grid.Embedded.State;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Grid.Silo.Engine;

/// <summary>Adds the engine that this build was made for: here the embedded one.</summary>
public static class EngineHosting
{
    /// <summary>The engine's name, for logs and operators.</summary>
    public const string Name = "embedded";

    /// <summary>
    /// Runs grains in the host. With a data source, states and reminders live in its schema <c>grains</c>; without one they last as long as
    /// the process.
    /// </summary>
    /// <param name="grains">Assemblies with grain classes; none means Grid's own.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or asks for a cluster.</exception>
    public static IHostApplicationBuilder AddGrainEngine(
        this IHostApplicationBuilder builder, EngineOptions options, NpgsqlDataSource? dataSource = null, params Assembly[] grains)
    {
        AddGrainEngine(builder.Services, options, dataSource, grains);
        return builder;
    }

    /// <inheritdoc cref="AddGrainEngine(IHostApplicationBuilder, EngineOptions, NpgsqlDataSource?, Assembly[])"/>
    public static IServiceCollection AddGrainEngine(
        this IServiceCollection services, EngineOptions options, NpgsqlDataSource? dataSource = null, params Assembly[] grains)
    {
        options.Validate();
        if (options.Cluster)
            throw new ArgumentException("Grid:Engine:Cluster is true, but this build runs the embedded engine, which is one process: build with -p:GridEngine=orleans.");
        if (dataSource is not null)
        {
            services.AddSingleton<IGrainStateStore>(new PostgresGrainStateStore(dataSource));
            services.AddSingleton<IReminderStore>(new PostgresReminderStore(dataSource));
        }
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
}
