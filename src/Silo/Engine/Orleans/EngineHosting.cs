using System.Net;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;
using Orleans.Storage;

namespace Grid.Silo.Engine;

/// <summary>Adds the engine that this build was made for: here Orleans, which requires the Microsoft.Orleans packages of the public NuGet gallery.</summary>
public static class EngineHosting
{
    /// <summary>The engine's name, for logs and operators.</summary>
    public const string Name = "orleans";

    private const string Storage = "grid";
    private const string Npgsql = "Npgsql";

    /// <summary>
    /// Runs a silo in the host: alone on this machine, with states and reminders in memory; or in a cluster, with membership, states and
    /// reminders in the database of <see cref="EngineOptions.ConnectionString"/>.
    /// </summary>
    /// <param name="dataSource">Not used by this engine, whose providers connect by themselves.</param>
    /// <param name="grains">Assemblies with grain classes; none means Grid's own.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static IHostApplicationBuilder AddGrainEngine(
        this IHostApplicationBuilder builder, EngineOptions options, NpgsqlDataSource? dataSource = null, params Assembly[] grains)
    {
        options.Validate();
        builder.UseOrleans(silo => Configure(silo, options, grains.Length > 0 ? grains : [Assembly.Load("Grid.Grains")]));
        return builder;
    }

    private static void Configure(ISiloBuilder silo, EngineOptions options, Assembly[] grains)
    {
        silo.Services.AddSerializer(serializer =>
        {
            foreach (var assembly in grains) serializer.AddAssembly(assembly);
        });
        silo.Services.AddSingleton<IGrainStorageSerializer, JsonStateSerializer>();
        silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = options.ClusterId;
            cluster.ServiceId = options.ServiceId;
        });
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(options.ResponseTimeoutSeconds));
        silo.Configure<GrainCollectionOptions>(collection => collection.CollectionAge = TimeSpan.FromMinutes(options.CollectionAgeMinutes));
        if (options.Cluster) UsePostgres(silo, options);
        else
        {
            silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort, null, options.ServiceId, options.ClusterId);
            silo.AddMemoryGrainStorage(Storage);
            silo.UseInMemoryReminderService();
        }
    }

    private static void UsePostgres(ISiloBuilder silo, EngineOptions options)
    {
        silo.ConfigureEndpoints(Dns.GetHostName(), options.SiloPort, options.GatewayPort);
        silo.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (Npgsql, options.ConnectionString!));
        silo.AddAdoNetGrainStorage(Storage, storage => (storage.Invariant, storage.ConnectionString) = (Npgsql, options.ConnectionString!));
        silo.UseAdoNetReminderService(reminders => (reminders.Invariant, reminders.ConnectionString) = (Npgsql, options.ConnectionString!));
    }
}
