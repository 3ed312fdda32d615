using Orleans;
using Orleans.Concurrency;

namespace Grid.Interfaces.Maps;

/// <summary>
/// Draws maps from published raster pyramids. It has no state: any silo draws any map, as many at once as its options allow, and refuses when too many
/// wait. Only encoded pictures are messages. The key says nothing; callers use <c>maps</c>.
/// </summary>
[Alias("grid.map")]
public interface IMapGrain : IGrainWithStringKey
{
    /// <summary>
    /// The bytes of a map. Throws <see cref="MapRefusedException"/> when it cannot be drawn so, <see cref="MapsBusyException"/> when the silo has too much
    /// to do.
    /// </summary>
    [Alias("Draw"), ReadOnly]
    Task<DrawnMap> DrawAsync(MapOrder order, CancellationToken cancellation);

    /// <summary>
    /// The stored values, before any style, at the centre of a pixel of a map, one entry for each layer of the order; column and row count from the map's
    /// top-left pixel. Throws as <see cref="DrawAsync"/> does.
    /// </summary>
    [Alias("Values"), ReadOnly]
    Task<IReadOnlyList<MapValues>> ValuesAsync(MapOrder order, int column, int row, CancellationToken cancellation);
}

/// <summary>An encoded map.</summary>
[GenerateSerializer, Alias("grid.drawn-map"), Immutable]
public sealed record DrawnMap([property: Id(0)] ReadOnlyMemory<byte> Bytes);

/// <summary>The values of one layer at a place, one a channel; empty where it has no data.</summary>
[GenerateSerializer, Alias("grid.map-values"), Immutable]
public sealed record MapValues([property: Id(0)] IReadOnlyList<double> Values);

/// <summary>A map that cannot be drawn as ordered, whatever the load: a layer's values do not go into the format, or its style is not there.</summary>
[GenerateSerializer, Alias("grid.map-refused")]
public sealed class MapRefusedException(string message) : Exception(message);

/// <summary>The silo draws as many maps as it may, and as many wait as may: ask again in a moment.</summary>
[GenerateSerializer, Alias("grid.maps-busy")]
public sealed class MapsBusyException(string message) : Exception(message);
