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

    /// <summary>The slabs that hold a block of tiles.</summary>
    public SlabLimits SlabsOf(TileLimits tiles) => new(
        tiles.MinCol / TilesPerWidth, tiles.MinRow / TilesPerHeight, tiles.MaxCol / TilesPerWidth, tiles.MaxRow / TilesPerHeight);

    /// <summary>The slabs of a matrix that share an area with <paramref name="extent"/>; null when there are none.</summary>
    public SlabLimits? SlabsOf(TileMatrix matrix, Extent extent) => matrix.TilesOf(extent) is { } tiles ? SlabsOf(tiles) : null;
}

/// <summary>A slab of a pyramid: a grid of tiles of one level, stored as one object.</summary>
public readonly record struct SlabIndex(string Level, long Col, long Row)
{
    /// <summary>The slab of the level above that covers this one, where that level is twice as coarse on the same origin.</summary>
    public SlabIndex Parent(string level) => new(level, Col / 2, Row / 2);

    /// <summary>A slab of the level below, where that level is twice as fine: top-left, top-right, bottom-left, bottom-right.</summary>
    public SlabIndex Child(string level, int quadrant) => new(level, (2 * Col) + (quadrant & 1), (2 * Row) + (quadrant >> 1));
}

/// <summary>A block of slabs of one level, bounds inclusive.</summary>
public readonly record struct SlabLimits(long MinCol, long MinRow, long MaxCol, long MaxRow)
{
    public long Count => (MaxCol - MinCol + 1) * (MaxRow - MinRow + 1);

    public bool Contains(long col, long row) => col >= MinCol && col <= MaxCol && row >= MinRow && row <= MaxRow;

    /// <summary>The block of the level above that covers this one, where that level is twice as coarse on the same origin.</summary>
    public SlabLimits Parent() => new(MinCol / 2, MinRow / 2, MaxCol / 2, MaxRow / 2);

    /// <summary>The slabs of the block, row by row.</summary>
    public IEnumerable<SlabIndex> Slabs(string level)
    {
        for (var row = MinRow; row <= MaxRow; row++)
        {
            for (var col = MinCol; col <= MaxCol; col++)
                yield return new SlabIndex(level, col, row);
        }
    }
}
