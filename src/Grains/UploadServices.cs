using Grid.Grains.Catalogue;
using Grid.Grains.Uploads;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Grid.Grains;

/// <summary>What the grains of communities, uploads and checks need of their silo.</summary>
public static class UploadServices
{
    /// <summary>Adds it. The host adds an <c>NpgsqlDataSource</c> and the object store of <see cref="StoreNames.Uploads"/>.</summary>
    public static IServiceCollection AddUploadGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<CatalogueStore>();
        services.TryAddSingleton<UploadFiles>();
        services.TryAddSingleton<CheckExecutions>();
        services.TryAddSingleton<CheckSlots>();
        services.TryAddSingleton<IRasterLotCheck, RasterLotCheck>();
        return services;
    }
}
