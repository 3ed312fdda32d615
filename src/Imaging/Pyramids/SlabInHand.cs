using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>
/// A slab that is being made. A tile is encoded as soon as its pixels are known, and halved into its place in the parent slab's tile while it is
/// still in the processor's cache; a parent's tile is finished by the last of its four children. So what is kept uncompressed is the few tiles that wait for
/// children, and only where there is data. Tiles may come from several threads.
/// </summary>
internal sealed class SlabInHand(PyramidBuildFormat format, TileEncoders encoders, SlabIndex slab, SlabInHand? parent) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Waiting?[] _waiting = new Waiting?[format.Slab.Size.Tiles];
    private readonly SlabWriter _data = new(format.Slab);
    private readonly SlabWriter? _masks = format.Mask ? new SlabWriter(format.Slab.ForMask()) : null;

    public SlabIndex Slab => slab;

    /// <summary>A tile of this slab, by its place in the level, whose pixels are known; the caller keeps the raster.</summary>
    public void Emit(long col, long row, Raster tile)
    {
        encoders.Add(tile, format.Slab.Size.TileNumber(col, row), _data, _masks);
        parent?.Deliver(col, row, tile);
    }

    /// <summary>A tile of this slab that has no data.</summary>
    public void EmitEmpty(long col, long row) => parent?.Deliver(col, row, null);

    /// <summary>A tile of the level below, by its place there, or null when it has no data.</summary>
    public void Deliver(long childCol, long childRow, Raster? child)
    {
        long col = childCol / 2, row = childRow / 2;
        var number = format.Slab.Size.TileNumber(col, row);
        Waiting waiting;
        lock (_gate)
        {
            waiting = _waiting[number] ??= new Waiting(col, row);
            if (child is not null && waiting.Tile is null)
            {
                waiting.Tile = Raster.Rent(format.Slab.TileWidth, format.Slab.TileHeight, format.Slab.Pixels);
                waiting.Tile.Mask.Clear();
            }
        }

        var full = child is not null && Decimation.Halve(child, waiting.Tile!, (int)(childCol % 2), (int)(childRow % 2));
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
        var tiles = failure is null ? _data.Count : 0;
        return new BuiltSlab
        {
            Slab = slab,
            Tiles = tiles,
            Data = tiles == 0 ? PooledBytes.Empty() : _data.Finish(),
            Mask = tiles == 0 ? null : _masks?.Finish(),
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

    private void Complete(Waiting waiting)
    {
        using var tile = waiting.Tile;
        if (tile is null)
        {
            EmitEmpty(waiting.Col, waiting.Row);
            return;
        }

        tile.IsFull = waiting.FullQuadrants == 4;
        Emit(waiting.Col, waiting.Row, tile);
    }

    private sealed class Waiting(long col, long row)
    {
        public long Col { get; } = col;

        public long Row { get; } = row;

        public Raster? Tile { get; set; }

        public int Delivered { get; set; }

        public int FullQuadrants { get; set; }
    }
}
