using Grid.Grains.Catalogue;
using Grid.Grains.PointClouds;
using Grid.Grains.Processings;
using Grid.Grains.Pyramids.Harvest;
using Grid.Grains.Tiles;
using Grid.Imaging.Styles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Grid.Grains;

/// <summary>What the grains of processings, stored data, configurations and offerings need of their silo.</summary>
public static class PublicationServices
{
    /// <summary>
    /// Adds it. The host adds an <c>NpgsqlDataSource</c>, the object store of <see cref="StoreNames.Pyramids"/> and, where replaced pyramids
    /// are to be kept for another time than the default, a <see cref="PyramidRetention"/>.
    /// </summary>
    public static IServiceCollection AddPublicationGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<CatalogueStore>();
        services.TryAddSingleton<PyramidRetention>();
        services.TryAddSingleton<PyramidVersions>();
        services.TryAddSingleton<Sharings>();
        services.TryAddSingleton<PyramidRemoval>();
        services.TryAddSingleton<PublishedLayers>();
        services.TryAddSingleton<StyleDocuments>();
        services.TryAddSingleton<UsedStyles>();
        services.TryAddSingleton<IRasterStyles, RasterStyles>();
        services.TryAddSingleton<TileEdgeCache>();
        services.TryAddSingleton<DatastoreEndpoints>();
        services.TryAddSingleton<DatastoreStorages>();
        services.TryAddSingleton<ExecutionInputs>();
        services.TryAddSingleton<HarvestOptions>();
        services.TryAddSingleton<TerrainTiles>();
        services.TryAddSingleton<PointCloudUnits>();
        return services;
    }
}
