using System.Globalization;
using System.Net;
using System.Reflection;
using Grid.Grains.Pyramids;
using Grid.Silo.Database;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace Grid.Silo.Engine;

/// <summary>Adds the engine that this build was made for: here Orleans, which requires the Microsoft.Orleans packages of the public NuGet gallery.</summary>
public static class EngineHosting
{
    /// <summary>The engine's name, for logs and operators.</summary>
    public const string Name = "orleans";

    /// <summary>Whether the engine can run on several machines.</summary>
    public static bool CanCluster => true;

    private const string Invariant = "Npgsql";
    private const int ProviderConnections = 16;

    // Part of every state's and reminder's identity for Orleans; one database is one grid, so there is only one.
    private const string Service = "grid";

    /// <summary>
    /// Runs a silo in the host: alone in this process, or one of a cluster whose members find each other in the database. States and
    /// reminders are in the database, or last as long as the process when there is none.
    /// </summary>
    /// <param name="grains">Assemblies with grain classes; none means Grid's own.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a cluster has no database that all its processes reach.</exception>
    public static IHostApplicationBuilder AddGrainEngine(
        this IHostApplicationBuilder builder, EngineOptions options, GridDatabase? database = null, params Assembly[] grains)
    {
        Validate(options, database);
        // The host gives up a stop after its own limit, so that is the longer one.
        builder.Services.PostConfigure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.StopTimeoutSeconds + 15));
        builder.UseOrleans(silo =>
        {
            AddMessages(silo.Services, grains);
            ConfigureCluster(silo.Services, options);
            silo.AddOutgoingGrainCallFilter(new ReadsAgain(options));
            silo.Configure<SiloOptions>(names => names.SiloName = options.NameOrDefault);
            silo.Configure<SiloMessagingOptions>(messaging =>
            {
                messaging.ResponseTimeout = TimeSpan.FromSeconds(options.ResponseTimeoutSeconds);
                messaging.ClientGatewayShutdownNotificationTimeout = TimeSpan.FromSeconds(2);
            });
            silo.Configure<GrainCollectionOptions>(collection =>
            {
                collection.CollectionAge = TimeSpan.FromMinutes(options.CollectionAgeMinutes);
                collection.DeactivationTimeout = TimeSpan.FromSeconds(Math.Max(1, options.StopTimeoutSeconds));
            });
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.NumMissedProbesLimit = 3;
                membership.ProbeTimeout = TimeSpan.FromSeconds(options.DeadAfterSeconds) / membership.NumMissedProbesLimit;
            });
            silo.Configure<ReminderOptions>(reminders => reminders.MinimumReminderPeriod = Grid.Grains.Resumption.After);
            if (options.Cluster)
            {
                var address = IPAddress.TryParse(options.Address ?? "", out var given) ? given : null;
                if (address is not null) silo.ConfigureEndpoints(address, FreePort(options.SiloPort), FreePort(options.GatewayPort));
                else silo.ConfigureEndpoints(options.Address ?? Dns.GetHostName(), FreePort(options.SiloPort), FreePort(options.GatewayPort));
                silo.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (Invariant, ConnectionString(database!)));
            }
            else
            {
                silo.UseLocalhostClustering(FreePort(0), FreePort(0), null, Service, options.ClusterId);
            }

            silo.Services.AddSingleton<ISiloMembers, SiloMembers>();
            silo.Services.AddSingleton<IClusterView, SiloClusterView>();
            // Its log stream would show any administrator everything that is logged, for ever: the page of operations has the last errors.
            silo.AddDashboard(dashboard => dashboard.HideTrace = true);
            // An instance: it listens from now on.
            silo.Services.AddSingleton<IActivationCounts>(new ActivationCounts());
            silo.UseSiloMetadata(new Dictionary<string, string>(SiloLabels.Read(options.Labels)) { [SiloLabels.Places] = options.Places.ToString(CultureInfo.InvariantCulture) });
            silo.Services.AddSingleton<RegionSilos>();
            silo.Services.AddSingleton<IRegionSilos>(provider => provider.GetRequiredService<RegionSilos>());
            silo.AddPlacementDirector<RegionPlacement, RegionPlacementDirector>();
            AddStores(silo, database);
        });
        return builder;
    }

    /// <summary>Makes the host a client of a cluster's silos: it calls grains and has none. It waits for the first silo as long as it takes.</summary>
    /// <exception cref="ArgumentException">An option is out of its range, or the cluster has no database that all its processes reach.</exception>
    public static IHostApplicationBuilder AddGrainClient(this IHostApplicationBuilder builder, EngineOptions options, GridDatabase database)
    {
        Validate(options, database);
        builder.UseOrleansClient(client =>
        {
            AddMessages(client.Services, []);
            ConfigureCluster(client.Services, options);
            client.AddOutgoingGrainCallFilter(new ReadsAgain(options));
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(options.ResponseTimeoutSeconds));
            // How long a silo that was added has no frontend's connection.
            client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(5));
            client.UseAdoNetClustering(clustering => (clustering.Invariant, clustering.ConnectionString) = (Invariant, ConnectionString(database)));
            client.UseConnectionRetryFilter<WaitsForSilos>();
            client.Services.AddSingleton<IClusterView, ClientClusterView>();
            client.AddDashboard(dashboard => dashboard.HideTrace = true);
        });
        return builder;
    }

    /// <summary>Calls of grains become spans of their callers' traces.</summary>
    internal static void TraceGrainCalls(this IHostApplicationBuilder builder)
    {
        if (builder.Configuration.GetValue<bool>("Grid:Engine:Cluster") && builder.Services.All(service => service.ServiceType != typeof(ISiloMembers)))
            builder.UseOrleansClient(client => client.AddActivityPropagation());
        else
            builder.UseOrleans(silo => silo.AddActivityPropagation());
    }

    private static void Validate(EngineOptions options, GridDatabase? database)
    {
        options.Validate();
        if (options.Cluster && database is null or { IsPrivate: true })
            throw new ArgumentException("Grid:Engine:Cluster is true, but Grid:Database:ConnectionString does not name the one PostgreSQL of all silos and frontends.");
    }

    private static void AddMessages(IServiceCollection services, Assembly[] grains)
    {
        services.AddSerializer(serializer =>
        {
            foreach (var assembly in grains.Length > 0 ? grains : [Assembly.Load("Grid.Grains")]) serializer.AddAssembly(assembly);
        });
        // A database that is away is told as such, on whichever silo it was missed.
        services.Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedNamespacePrefixes.Add("Npgsql"));
        services.AddSingleton<ReadOnlyListCodec>();
        services.AddSingleton<IGeneralizedCodec>(provider => provider.GetRequiredService<ReadOnlyListCodec>());
        services.AddSingleton<IGeneralizedCopier>(provider => provider.GetRequiredService<ReadOnlyListCodec>());
    }

    private static void ConfigureCluster(IServiceCollection services, EngineOptions options) => services.Configure<ClusterOptions>(cluster =>
    {
        cluster.ClusterId = options.ClusterId;
        cluster.ServiceId = Service;
    });

    private static void AddStores(ISiloBuilder silo, GridDatabase? database)
    {
        silo.Services.AddSingleton<IGrainStorageSerializer, JsonStateSerializer>();
        silo.Services.Replace(ServiceDescriptor.Singleton<IPersistentStateFactory, StatesByGrainType>());
        if (database is null)
        {
            silo.AddMemoryGrainStorage(Grid.Grains.GrainStorage.Name);
            silo.UseInMemoryReminderService();
            return;
        }

        var connection = ConnectionString(database);
        silo.AddAdoNetGrainStorage(Grid.Grains.GrainStorage.Name, storage =>
        {
            (storage.Invariant, storage.ConnectionString) = (Invariant, connection);
            storage.DeleteStateOnClear = true;
        });
        silo.UseAdoNetReminderService(reminders => (reminders.Invariant, reminders.ConnectionString) = (Invariant, connection));
        silo.Services.AddSingleton(new ReminderHashes(database.DataSource));
        silo.AddStartupTask<ReminderHashes>(ServiceLifecycleStage.RuntimeInitialize);
    }

    // The providers look for their statements on the search path, and have a pool of their own beside the database's.
    private static string ConnectionString(GridDatabase database) =>
        new NpgsqlConnectionStringBuilder(database.ConnectionString) { SearchPath = "orleans", MinPoolSize = 0, MaxPoolSize = ProviderConnections }.ConnectionString;

    private static int FreePort(int wanted)
    {
        if (wanted != 0) return wanted;
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
