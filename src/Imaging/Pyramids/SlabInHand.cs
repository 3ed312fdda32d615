using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>
/// A slab that is being made. A tile is encoded as soon as its pixels are known, and halved into its place in the parent slab's tile while it is
/// still in the processor's cache; a parent's tile is finished by the last of its four children. So what is kept uncompressed is the few tiles that wait for
/// children, and only where there is data. In an update, tiles that nothing new touches are not made but copied as they were stored.
/// Tiles may come from several threads.
/// </summary>
/// <param name="below">The level below, where an update finds the children that it left alone.</param>
/// <param name="parent">The slab above in the same region, or null.</param>
/// <param name="handover">What takes the tiles for the tier above; null when there is a parent, or nothing above. The caller's to dispose of.</param>
/// <param name="former">What was there before; null in a build from nothing, and where an update makes the whole slab from the level below.</param>
internal sealed class SlabInHand(
    PyramidBuildFormat format, TileEncoders encoders, SlabIndex slab, string? below, SlabInHand? parent, HandoverWriter? handover,
    FormerTiles? former = null) : IDisposable
{
    private readonly bool[] _isChanged = new bool[former is null ? 0 : format.Slab.Size.Tiles];
    private readonly Lock _gate = new();
    private readonly Waiting?[] _waiting = new Waiting?[format.Slab.Size.Tiles];
    private readonly SlabWriter _data = new(format.Slab);
    private readonly SlabWriter? _masks = format.Mask ? new SlabWriter(format.Slab.ForMask()) : null;

    public SlabIndex Slab => slab;

    /// <summary>A tile of this slab, by its place in the level, whose pixels are known; the caller keeps the raster.</summary>
    public void Emit(long col, long row, Raster tile)
    {
        if (former is null)
            Change(col, row, tile);
        else if (former.Complete(slab.Level, col, row, tile))
            Change(col, row, tile.IsFull || tile.Mask.ContainsAnyExcept((byte)0) ? tile : null);
        else
            Leave(col, row);
    }

    /// <summary>A tile of this slab for which no source has data.</summary>
    public void EmitEmpty(long col, long row)
    {
        if (former is null)
        {
            Change(col, row, null);
            return;
        }

        if (!former.MayErase(slab.Level, col, row))
        {
            Leave(col, row);
            return;
        }

        using var tile = Raster.Rent(format.Slab.TileWidth, format.Slab.TileHeight, format.Slab.Pixels);
        tile.Mask.Clear();
        tile.IsFull = false;
        Emit(col, row, tile);
    }

    /// <summary>A tile of the level below, by its place there, whole or halved already, or null when it has no data or is left as it was.</summary>
    public void Deliver(long childCol, long childRow, Raster? child, bool isLeft = false)
    {
        long col = childCol / 2, row = childRow / 2;
        var quadrant = (int)((childCol % 2) + (2 * (childRow % 2)));
        var number = format.Slab.Size.TileNumber(col, row);
        Waiting waiting;
        lock (_gate)
        {
            waiting = _waiting[number] ??= new Waiting(col, row);
            waiting.Changed |= isLeft ? 0 : 1 << quadrant;
            if (child is not null && waiting.Tile is null)
            {
                waiting.Tile = Raster.Rent(format.Slab.TileWidth, format.Slab.TileHeight, format.Slab.Pixels);
                waiting.Tile.Mask.Clear();
            }
        }

        var full = child is not null && Put(child, waiting.Tile!, quadrant);
        lock (_gate)
        {
            waiting.FullQuadrants += full ? 1 : 0;
            if (++waiting.Delivered < 4)
                return;
            _waiting[number] = null;
        }

        Complete(waiting);
    }

    /// <summary>Finishes the tiles whose other children are never to come, and puts the slab together. Called once, when all children are done.</summary>
    public BuiltSlab Finish(UnreadableRasterException? failure = null)
    {
        foreach (var waiting in _waiting)
        {
            if (waiting is not null)
                Complete(waiting);
        }

        Array.Clear(_waiting);
        if (former is not null && failure is null)
        {
            var stored = former.Find(slab);
            if (!_isChanged.Contains(true))
                return new BuiltSlab { Slab = slab, Tiles = stored?.Data.Index.NonEmptyTiles ?? 0, Data = PooledBytes.Empty(), IsAsBefore = true };
            if (stored is { } before)
                CopyLeft(before.Data, before.Mask);
        }

        var tiles = failure is null ? _data.Count : 0;
        return new BuiltSlab
        {
            Slab = slab,
            Tiles = tiles,
            Data = tiles == 0 ? PooledBytes.Empty() : _data.Finish(),
            Mask = tiles == 0 ? null : _masks?.Finish(),
            Handover = tiles == 0 ? null : handover?.Finish(),
            Failure = failure,
        };
    }

    public void Dispose()
    {
        foreach (var waiting in _waiting)
            waiting?.Tile?.Dispose();
        _data.Dispose();
        _masks?.Dispose();
    }

    private bool Put(Raster child, Raster parent, int quadrant)
    {
        int quadrantCol = quadrant % 2, quadrantRow = quadrant / 2;
        if (child.Width == parent.Width)
        {
            var isFull = Decimation.Halve(child, parent, quadrantCol, quadrantRow);
            int width = child.Width / 2, height = child.Height / 2;
            format.Gamma.Apply(parent, quadrantCol * width, quadrantRow * height, width, height);
            return isFull;
        }

        for (var y = 0; y < child.Height; y++)
        {
            var to = (((quadrantRow * child.Height) + y) * parent.Width) + (quadrantCol * child.Width);
            child.Mask.Slice(y * child.Width, child.Width).CopyTo(parent.Mask[to..]);
            child.Pixels.Slice(y * child.StrideBytes, child.StrideBytes).CopyTo(parent.Pixels[(to * child.Format.BytesPerPixel)..]);
        }

        return child.IsFull;
    }

    private void Change(long col, long row, Raster? tile)
    {
        var number = format.Slab.Size.TileNumber(col, row);
        if (former is not null)
            _isChanged[number] = true;
        if (tile is not null)
            encoders.Add(tile, number, _data, _masks);
        parent?.Deliver(col, row, tile);
        if (tile is not null)
            handover?.Add(number, tile);
        else
            handover?.AddEmpty(number);
    }

    private void Leave(long col, long row) => parent?.Deliver(col, row, null, isLeft: true);

    private void Complete(Waiting waiting)
    {
        if (former is not null)
        {
            if (waiting.Changed == 0)
            {
                Leave(waiting.Col, waiting.Row);
                return;
            }

            TakeLeftChildren(waiting, former);
        }

        using var tile = waiting.Tile;
        if (tile is not null)
            tile.IsFull = waiting.FullQuadrants == 4;
        Change(waiting.Col, waiting.Row, tile);
    }

    private void TakeLeftChildren(Waiting waiting, FormerTiles tiles)
    {
        using var child = Raster.Rent(format.Slab.TileWidth, format.Slab.TileHeight, format.Slab.Pixels);
        for (var quadrant = 0; quadrant < 4; quadrant++)
        {
            if ((waiting.Changed & (1 << quadrant)) != 0
                || !tiles.TryDecode(below!, (2 * waiting.Col) + (quadrant % 2), (2 * waiting.Row) + (quadrant / 2), child))
            {
                continue;
            }

            if (waiting.Tile is null)
            {
                waiting.Tile = Raster.Rent(format.Slab.TileWidth, format.Slab.TileHeight, format.Slab.Pixels);
                waiting.Tile.Mask.Clear();
            }

            waiting.FullQuadrants += Put(child, waiting.Tile, quadrant) ? 1 : 0;
        }
    }

    private void CopyLeft(SlabReader data, SlabReader? masks)
    {
        for (var number = 0; number < _isChanged.Length; number++)
        {
            if (_isChanged[number])
                continue;
            _data.Add(number, data.TileBytes(number).Span);
            if (masks is not null)
                _masks?.Add(number, masks.TileBytes(number).Span);
        }
    }

    private sealed class Waiting(long col, long row)
    {
        public long Col { get; } = col;

        public long Row { get; } = row;

        public Raster? Tile { get; set; }

        public int Delivered { get; set; }

        public int FullQuadrants { get; set; }

        /// <summary>A bit a quadrant: those that an update has changed.</summary>
        public int Changed { get; set; }
    }
}
