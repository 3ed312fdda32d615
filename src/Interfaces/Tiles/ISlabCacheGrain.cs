using Orleans;
using Orleans.Concurrency;

namespace Grid.Interfaces.Tiles;

/// <summary>
/// The hot tiles of one slab of one published pyramid version, keyed by the slab's object key. Pyramids never change under a key, so
/// nothing is ever invalidated; an idle slab leaves by its collection age. Concurrent misses share one read.
/// </summary>
[Alias("grid.slab-cache")]
public interface ISlabCacheGrain : IGrainWithStringKey
{
    /// <summary>
    /// A tile's bytes as they are stored. <paramref name="tile"/> is the row-major position in the slab's index and
    /// <paramref name="tiles"/> the number of tiles that the slab packs.
    /// </summary>
    [Alias("GetTile"), AlwaysInterleave, ReadOnly, ResponseTimeout("00:00:05")]
    ValueTask<CachedTile> GetTileAsync(int tile, int tiles);

    /// <summary>
    /// The samples of one pixel of a tile, one a channel; empty where the slab or the tile does not exist. Column and row count from the
    /// tile's top-left pixel; outside the tile they throw <see cref="ArgumentOutOfRangeException"/>.
    /// </summary>
    [Alias("GetPixel"), AlwaysInterleave, ReadOnly, ResponseTimeout("00:00:05")]
    Task<IReadOnlyList<double>> GetPixelAsync(int tile, int tiles, int column, int row);
}

/// <summary>A tile's bytes; empty where the slab or the tile does not exist.</summary>
[GenerateSerializer, Alias("grid.cached-tile"), Immutable]
public readonly record struct CachedTile([property: Id(0)] ReadOnlyMemory<byte> Bytes)
{
    public static CachedTile Missing => default;

    public bool Exists => !Bytes.IsEmpty;
}
