using Grid.Grains;
using Grid.Grains.Catalogue;
using Grid.Grains.Maps;
using Grid.Grains.Operations;
using Grid.Grains.Pyramids;
using Grid.Grains.Pyramids.Harvest;
using Grid.Grains.Tiles;
using Grid.Grains.Uploads;
using Grid.Imaging.Gdal;
using Grid.Imaging.Maps;
using Grid.Silo.Database;
using Grid.Silo.Engine;
using Grid.Silo.Health;
using Grid.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Grid.Silo.Hosting;

/// <summary>Puts a silo, or a client of silos, into a host: database, object store, grain engine and what the grains need.</summary>
public static class SiloHosting
{
    /// <summary>
    /// What a frontend needs: a silo in its own process or, with <see cref="EngineOptions.Cluster"/>, a client of the silos of the cluster.
    /// Errors and the database's owner as with <see cref="AddSiloAsync"/>.
    /// </summary>
    public static Task<GridDatabase> AddGridAsync(this IHostApplicationBuilder builder, CancellationToken cancellation = default) =>
        Engine(builder) is { Cluster: true } engine
            ? builder.OpenAsync((_, database) => builder.AddGrainClient(engine, database), cancellation)
            : builder.AddSiloAsync(cancellation);

    /// <summary>
    /// Opens the database and the store that the section <c>Grid</c> names, by default both under <c>Grid:DataFolder</c>, and adds the grains.
    /// Throws, naming the setting, when something is missing or impossible. The host disposes the database after everything else.
    /// </summary>
    public static Task<GridDatabase> AddSiloAsync(this IHostApplicationBuilder builder, CancellationToken cancellation = default)
    {
        if (GdalAvailability.Problem is { } problem)
            throw new InvalidOperationException(problem);
        return builder.OpenAsync(
            (store, database) =>
            {
                GdalConfiguration.Set(store.GdalOptions);
                var engine = Engine(builder);
                engine.Places = builder.AddNeedsOfGrains(engine.Cluster).RegionsPerSilo;
                builder.AddGrainEngine(engine, database);
            },
            cancellation);
    }

    private static EngineOptions Engine(IHostApplicationBuilder builder) =>
        builder.Configuration.GetSection("Grid:Engine").Get<EngineOptions>() ?? new EngineOptions();

    private static PyramidBuildOptions AddNeedsOfGrains(this IHostApplicationBuilder builder, bool isOneOfMany)
    {
        var settings = builder.Configuration.GetSection("Grid");
        var pyramids = settings.GetSection("Pyramids").Get<PyramidBuildOptions>() ?? new PyramidBuildOptions();
        pyramids.Validate();
        if (pyramids.RegionsPerSilo == 0 && !isOneOfMany)
            throw new ArgumentException("Grid:Pyramids:RegionsPerSilo is 0, and there is no other silo to build pyramids: it must be 1 at least in a grid of one process.");
        builder.Services.AddSingleton(pyramids);
        builder.Services.AddSingleton<RegionSlots>();
        var harvest = settings.GetSection("Harvest").Get<HarvestOptions>() ?? new HarvestOptions();
        harvest.Validate();
        builder.Services.AddSingleton(harvest);
        builder.Services.AddSingleton<WmsClient>();
        builder.Services.AddSingleton<OpenLots>();
        var tiles = settings.GetSection("TileCache").Get<TileCacheOptions>() ?? new TileCacheOptions();
        builder.Services.AddSingleton(new TileCacheBudget(tiles));
        var maps = settings.GetSection("Maps").Get<MapOptions>() ?? new MapOptions();
        maps.Validate();
        builder.Services.AddMapDrawing(maps);
        var retention = settings.GetSection("Retention").Get<PyramidRetention>() ?? new PyramidRetention();
        retention.Validate();
        builder.Services.AddSingleton(retention);
        builder.Services.AddUploadGrains().AddPublicationGrains();
        builder.Services.AddQueue<RegionSlots>(slots => new("regions", pyramids.RegionsPerSilo, () => slots.Taken, () => slots.Waiting));
        builder.Services.AddQueue<MapSlots>(slots => new("maps", slots.Places, () => slots.Active, () => slots.Waiting));
        builder.Services.AddQueue<CheckSlots>(slots => new("checks", CheckSlots.Count, () => slots.Active, () => slots.Waiting));
        builder.Services.AddCache<TileCacheBudget>(cache => new("slab caches", tiles.HighMarkBytes, () => cache.Bytes));
        builder.Services.AddCache<DecodedTiles>(cache => new("decoded tiles", maps.DecodedBytes, () => cache.Bytes));
        return pyramids;
    }

    private static void AddQueue<T>(this IServiceCollection services, Func<T, WorkQueue> queue)
        where T : notnull => services.AddSingleton(provider => queue(provider.GetRequiredService<T>()));

    private static void AddCache<T>(this IServiceCollection services, Func<T, ByteCache> cache)
        where T : notnull => services.AddSingleton(provider => cache(provider.GetRequiredService<T>()));

    private static void AddReadiness(this IServiceCollection services, StorageOptions storage, IObjectStore store)
    {
        services.AddSingleton<Readiness>();
        services.AddSingleton(provider => new ReadinessCheck("database", "waiting for the database", async cancellation =>
        {
            await using var command = provider.GetRequiredService<NpgsqlDataSource>().CreateCommand("select 1");
            return await command.ExecuteScalarAsync(cancellation) is 1;
        }));
        // A folder that is gone, as when its disk is not mounted, looks like one without objects.
        services.AddSingleton(new ReadinessCheck("store", "waiting for the object store", async cancellation =>
            (storage.Kind != StorageKind.Folder || Directory.Exists(storage.Folder)) && await store.FindAsync("health/probe", cancellation) is null));
        services.AddSingleton(provider => new ReadinessCheck(
            "silos", "waiting for the silos", cancellation => provider.GetRequiredService<IClusterView>().HasJoinedAsync(cancellation)));
    }

    private static async Task<GridDatabase> OpenAsync(
        this IHostApplicationBuilder builder, Action<IObjectStore, GridDatabase> addEngine, CancellationToken cancellation)
    {
        var settings = builder.Configuration.GetSection("Grid");
        var data = Path.GetFullPath(settings["DataFolder"] ?? "data");
        Directory.CreateDirectory(data);
        var store = builder.AddStore(settings.GetSection("Storage"), data);
        await OwnTileMatrixSets.LoadAsync(settings, store, cancellation);

        using var loggers = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddSimpleConsole());
        var options = settings.GetSection("Database").Get<DatabaseOptions>() ?? new DatabaseOptions();
        options.DataFolder ??= data;
        var database = await GridDatabase.OpenAsync(options, loggers, cancellation);
        builder.Services.AddSingleton(database.DataSource);
        var tiles = settings.GetSection("TileCache").Get<TileCacheOptions>() ?? new TileCacheOptions();
        tiles.Validate();
        builder.Services.AddSingleton(provider => new SlabReads(store, provider.GetRequiredService<PyramidPlace>(), tiles, Engine(builder).Cluster));
        addEngine(store, database);
        return database;
    }

    // Uploads and pyramids share one store, each under a prefix of its own.
    private static IObjectStore AddStore(this IHostApplicationBuilder builder, IConfigurationSection settings, string data)
    {
        var options = settings.Get<StorageOptions>() ?? new StorageOptions();
        options.Folder ??= Path.Combine(data, "objects");
        var store = ObjectStores.Open(options);
        builder.Services.AddSingleton(store);
        builder.Services.AddReadiness(options, store);
        builder.Services.AddSingleton(new PyramidPlace(
            BucketOf(options), options.Others.ToDictionary(other => other.Key, other => BucketOf(other.Value)), [.. options.Others.Where(other => other.Value.Foreign).Select(other => other.Key)]));
        builder.Services.AddSingleton(new StoreAddress(options));
        builder.Services.AddKeyedSingleton(StoreNames.Uploads, store);
        builder.Services.AddKeyedSingleton(StoreNames.Pyramids, store);
        return store;
    }

    private static string? BucketOf(StorageOptions options) => options.Kind == StorageKind.S3 ? options.S3.Bucket : null;
}
