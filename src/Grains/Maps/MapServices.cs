using Grid.Imaging.Maps;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Grains.Maps;

/// <summary>What the grains that draw maps need of their silo.</summary>
public static class MapServices
{
    /// <summary>Adds it. The host adds the object store of pyramids and, where layers have styles, an <c>IRasterStyles</c>.</summary>
    public static IServiceCollection AddMapDrawing(this IServiceCollection services, MapOptions options) => services
        .AddSingleton(options)
        .AddSingleton(new DecodedTiles(options.DecodedBytes))
        .AddSingleton<MapSlots>()
        .AddSingleton<MapPyramids>()
        .AddSingleton<MapDrawing>();
}
