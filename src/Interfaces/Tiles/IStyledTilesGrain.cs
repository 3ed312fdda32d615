using Orleans;
using Orleans.Concurrency;

namespace Grid.Interfaces.Tiles;

/// <summary>
/// The tiles of one slab in one style, keyed by <see cref="StyledTilesKey"/>. Neither a published pyramid nor a style file changes under its key, so nothing is
/// ever invalidated. Tiles are made when first asked for, once for all who wait, and kept within the budget of all tiles.
/// </summary>
[Alias("grid.styled-tiles")]
public interface IStyledTilesGrain : IGrainWithStringKey
{
    /// <summary>A tile that was made before, or null when it is not kept. <paramref name="tile"/> is its row-major position in the slab.</summary>
    [Alias("Find"), AlwaysInterleave, ReadOnly, ResponseTimeout("00:00:05")]
    ValueTask<CachedTile?> FindAsync(int tile);

    /// <summary>A tile, made if need be.</summary>
    [Alias("Make"), AlwaysInterleave, ReadOnly]
    Task<CachedTile> MakeAsync(StyledTileOrder order);
}

/// <summary>The key of a grain of styled tiles.</summary>
/// <param name="Style">Digest of the style's file.</param>
/// <param name="Slab">Object key of the slab.</param>
public readonly record struct StyledTilesKey(string Style, string Slab)
{
    public static StyledTilesKey Parse(string key) =>
        key.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash
            ? new StyledTilesKey(key[..slash], key[(slash + 1)..])
            : throw new FormatException($"\"{key}\" is no key of styled tiles: a style's digest, a slash and a slab's key make one.");

    public override string ToString() => $"{Style}/{Slab}";
}

/// <summary>What a styled tile is made of.</summary>
[GenerateSerializer, Alias("grid.styled-tile-order"), Immutable]
public sealed record StyledTileOrder
{
    /// <summary>The tile's position in its slab, and the number of tiles that slabs of its level pack.</summary>
    [Id(0)] public required int Tile { get; init; }

    [Id(1)] public required int Tiles { get; init; }

    /// <summary>The tile in the middle of its eight neighbours, row-major; null beyond the level's limits.</summary>
    [Id(2)] public required IReadOnlyList<TilePlace?> Around { get; init; }

    /// <summary>ROK4's name of the pyramid's format, for example <c>TIFF_ZIP_FLOAT32</c>.</summary>
    [Id(3)] public required string Format { get; init; }

    /// <summary>The values of pixels without data, one a channel.</summary>
    [Id(4)] public required IReadOnlyList<double> Nodata { get; init; }

    [Id(5)] public required int TileWidth { get; init; }

    [Id(6)] public required int TileHeight { get; init; }

    /// <summary>Metres on the ground of a pixel in the middle of the tile.</summary>
    [Id(7)] public required double CellWidthMetres { get; init; }

    [Id(8)] public required double CellHeightMetres { get; init; }
}

/// <summary>Where a stored tile is.</summary>
/// <param name="Slab">Object key of its slab.</param>
/// <param name="Mask">Object key of the slab of masks beside it; null where the pyramid has none.</param>
/// <param name="Tile">Its position in the slab.</param>
[GenerateSerializer, Alias("grid.tile-place"), Immutable]
public sealed record TilePlace([property: Id(0)] string Slab, [property: Id(1)] string? Mask, [property: Id(2)] int Tile);
