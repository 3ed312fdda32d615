namespace Grid.Tiling;

/// <summary>How many tiles one slab packs (ROK4's <c>tiles_per_width</c> and <c>tiles_per_height</c>).</summary>
public readonly record struct SlabSize(int TilesPerWidth, int TilesPerHeight)
{
    /// <summary>ROK4's default: 16 × 16 tiles.</summary>
    public static SlabSize Default { get; } = new(16, 16);

    public int Tiles => TilesPerWidth * TilesPerHeight;

    /// <summary>The slab that holds a tile.</summary>
    public SlabIndex SlabOf(string level, long tileCol, long tileRow) => new(level, tileCol / TilesPerWidth, tileRow / TilesPerHeight);

    /// <summary>The position of a tile in its slab's index, row-major.</summary>
    public int TileNumber(long tileCol, long tileRow) =>
        (int)((tileRow % TilesPerHeight * TilesPerWidth) + (tileCol % TilesPerWidth));

    /// <summary>The tiles that a slab spans, not clipped to the matrix.</summary>
    public TileLimits TilesOf(SlabIndex slab) => new(
        slab.Row * TilesPerHeight, ((slab.Row + 1) * TilesPerHeight) - 1, slab.Col * TilesPerWidth, ((slab.Col + 1) * TilesPerWidth) - 1);
}

/// <summary>A slab of a pyramid: a grid of tiles of one level, stored as one object.</summary>
public readonly record struct SlabIndex(string Level, long Col, long Row);
