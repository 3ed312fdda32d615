using Grid.Grains;
using Grid.Grains.Catalogue;
using Grid.Grains.Pyramids;
using Grid.Grains.Tiles;
using Grid.Imaging.Gdal;
using Grid.Silo.Database;
using Grid.Silo.Engine;
using Grid.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Grid.Silo.Hosting;

/// <summary>Puts a silo into a host: database, object store, grain engine and what the grains need.</summary>
public static class SiloHosting
{
    /// <summary>
    /// Opens the database and the store that the section <c>Grid</c> names, by default both under <c>Grid:DataFolder</c>, and adds the grains.
    /// Throws, naming the setting, when something is missing or impossible. The host disposes the database after everything else.
    /// </summary>
    public static async Task<GridDatabase> AddSiloAsync(this IHostApplicationBuilder builder, CancellationToken cancellation = default)
    {
        if (GdalAvailability.Problem is { } problem)
            throw new InvalidOperationException(problem);
        var settings = builder.Configuration.GetSection("Grid");
        var data = Path.GetFullPath(settings["DataFolder"] ?? "data");
        Directory.CreateDirectory(data);

        var pyramids = settings.GetSection("Pyramids").Get<PyramidBuildOptions>() ?? new PyramidBuildOptions();
        pyramids.Validate();
        builder.Services.AddSingleton(pyramids);
        builder.Services.AddSingleton<RegionSlots>();
        builder.Services.AddSingleton<OpenLots>();
        builder.Services.AddSingleton(new TileCacheBudget(settings.GetSection("TileCache").Get<TileCacheOptions>() ?? new TileCacheOptions()));
        var retention = settings.GetSection("Retention").Get<PyramidRetention>() ?? new PyramidRetention();
        retention.Validate();
        builder.Services.AddSingleton(retention);
        builder.AddStore(settings.GetSection("Storage"), data);

        using var loggers = LoggerFactory.Create(logging => logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddSimpleConsole());
        var databaseOptions = settings.GetSection("Database").Get<DatabaseOptions>() ?? new DatabaseOptions();
        databaseOptions.DataFolder ??= data;
        var database = await GridDatabase.OpenAsync(databaseOptions, loggers, cancellation);
        builder.Services.AddSingleton(database.DataSource);
        builder.AddGrainEngine(settings.GetSection("Engine").Get<EngineOptions>() ?? new EngineOptions(), database.DataSource);
        return database;
    }

    // Uploads and pyramids share one store, each under a prefix of its own.
    private static void AddStore(this IHostApplicationBuilder builder, IConfigurationSection settings, string data)
    {
        var options = settings.Get<StorageOptions>() ?? new StorageOptions();
        options.Folder ??= Path.Combine(data, "objects");
        var store = ObjectStores.Open(options);
        GdalConfiguration.Set(store.GdalOptions);
        builder.Services.AddSingleton(store);
        builder.Services.AddSingleton(new PyramidPlace(options.Kind == StorageKind.S3 ? options.S3.Bucket : null));
        builder.Services.AddKeyedSingleton(StoreNames.Uploads, store);
        builder.Services.AddKeyedSingleton(StoreNames.Pyramids, store);
    }
}
