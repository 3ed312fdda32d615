using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>
/// A slab that is being made. A tile is encoded as soon as its pixels are known, and halved into its place in the parent slab's tile while it is
/// still in the processor's cache; a parent's tile is finished by the last of its four children. So what is kept uncompressed is the few tiles that wait for
/// children, and only where there is data. Tiles may come from several threads.
/// </summary>
/// <param name="parent">The slab above in the same region, or null.</param>
/// <param name="handover">What takes the tiles for the tier above; null when there is a parent, or nothing above. The caller's to dispose of.</param>
internal sealed class SlabInHand(
    PyramidBuildFormat format, TileEncoders encoders, SlabIndex slab, SlabInHand? parent, HandoverWriter? handover) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Waiting?[] _waiting = new Waiting?[format.Slab.Size.Tiles];
    private readonly SlabWriter _data = new(format.Slab);
    private readonly SlabWriter? _masks = format.Mask ? new SlabWriter(format.Slab.ForMask()) : null;

    public SlabIndex Slab => slab;

    /// <summary>A tile of this slab, by its place in the level, whose pixels are known; the caller keeps the raster.</summary>
    public void Emit(long col, long row, Raster tile)
    {
        var number = format.Slab.Size.TileNumber(col, row);
        encoders.Add(tile, number, _data, _masks);
        parent?.Deliver(col, row, tile);
        handover?.Add(number, tile);
    }

    /// <summary>A tile of this slab that has no data.</summary>
    public void EmitEmpty(long col, long row) => parent?.Deliver(col, row, null);

    /// <summary>A tile of the level below, by its place there, whole or halved already, or null when it has no data.</summary>
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

        var full = child is not null && (child.Width == format.Slab.TileWidth
            ? Decimation.Halve(child, waiting.Tile!, (int)(childCol % 2), (int)(childRow % 2))
            : Copy(child, waiting.Tile!, (int)(childCol % 2), (int)(childRow % 2)));
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

    private static bool Copy(Raster half, Raster parent, int quadrantCol, int quadrantRow)
    {
        for (var y = 0; y < half.Height; y++)
        {
            var to = (((quadrantRow * half.Height) + y) * parent.Width) + (quadrantCol * half.Width);
            half.Mask.Slice(y * half.Width, half.Width).CopyTo(parent.Mask[to..]);
            half.Pixels.Slice(y * half.StrideBytes, half.StrideBytes).CopyTo(parent.Pixels[(to * half.Format.BytesPerPixel)..]);
        }

        return half.IsFull;
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
