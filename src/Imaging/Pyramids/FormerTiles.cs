using System.Buffers;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>The tiles of a former pyramid, from the slabs used last. Safe from several threads.</summary>
internal sealed class FormerTiles(TileMatrixSet set, PyramidBuildFormat format, FormerPyramid former)
{
    /// <summary>Slabs held whole: the children of one slab.</summary>
    private const int SlabsKept = 4;

    private readonly StoredSlabs _slabs = new(
        format.Slab, (slab, part) => part == StoredPart.Mask && !format.Mask ? null : former.Read(slab, part), StoredPart.Data, StoredPart.Mask);

    private readonly Lock _gate = new();
    private readonly List<(SlabIndex Slab, (SlabReader Data, SlabReader? Mask)? Stored)> _kept = [];

    /// <summary>A slab with its mask, or null when there was none.</summary>
    public (SlabReader Data, SlabReader? Mask)? Find(SlabIndex slab)
    {
        lock (_gate)
        {
            var at = _kept.FindIndex(kept => kept.Slab == slab);
            var found = at >= 0 ? _kept[at] : (slab, _slabs.Find(slab));
            if (at >= 0)
                _kept.RemoveAt(at);
            else if (_kept.Count == SlabsKept)
                _kept.RemoveAt(0);
            _kept.Add(found);
            return found.Item2;
        }
    }

    /// <summary>Decodes a tile; false when it had no data.</summary>
    public bool TryDecode(string level, long col, long row, Raster tile)
    {
        var size = format.Slab.Size;
        var slab = size.SlabOf(level, col, row);
        return Find(slab) is { } stored && _slabs.TryDecode(slab, stored, size.TileNumber(col, row), tile);
    }

    /// <summary>Whether a tile without anything new may change all the same.</summary>
    public bool MayErase(string level, long col, long row) =>
        former.Area is { } area && set.Find(level)!.TileExtent(col, row) is var tile && area.RingExtents.Any(extent => extent.Intersects(tile));

    /// <summary>
    /// Completes a tile of new pixels, which may have none, with those that were there. Returns false when nothing of the tile changes; the raster is
    /// undefined then.
    /// </summary>
    public bool Complete(string level, long col, long row, Raster tile)
    {
        if (former.Area is { } area)
            return CompleteInside(area, level, col, row, tile);
        if (tile.IsFull)
            return true;
        if (!tile.Mask.ContainsAnyExcept((byte)0))
            return false;
        using var under = Raster.Rent(tile.Width, tile.Height, tile.Format);
        if (TryDecode(level, col, row, under))
            FillGaps(tile, under);
        return true;
    }

    private bool CompleteInside(PixelArea area, string level, long col, long row, Raster tile)
    {
        var pixels = tile.Mask.Length;
        var rented = ArrayPool<byte>.Shared.Rent(pixels);
        try
        {
            var inside = rented.AsSpan(0, pixels);
            var count = area.Fill(inside, tile.Width, tile.Height, set.Find(level)!.TileExtent(col, row));
            if (count == 0)
                return false;
            Keep(tile.Mask, inside, 255);
            var isChanged = tile.Mask.ContainsAnyExcept((byte)0);
            using var under = Raster.Rent(tile.Width, tile.Height, tile.Format);
            if (TryDecode(level, col, row, under))
            {
                isChanged |= Keep(under.Mask, inside, 0);
                FillGaps(tile, under);
            }

            tile.IsFull = !tile.Mask.ContainsAnyExcept((byte)255);
            return isChanged;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Takes the data away where the area's value is another; returns whether there was any.</summary>
    private static bool Keep(Span<byte> mask, ReadOnlySpan<byte> inside, byte value)
    {
        var any = false;
        for (var i = 0; i < mask.Length; i++)
        {
            if (inside[i] == value || mask[i] == 0)
                continue;
            mask[i] = 0;
            any = true;
        }

        return any;
    }

    private static void FillGaps(Raster tile, Raster under)
    {
        var size = tile.Format.BytesPerPixel;
        Span<byte> mask = tile.Mask, underMask = under.Mask, pixels = tile.Pixels, underPixels = under.Pixels;
        // Gap by gap, and in each one run of data after the other.
        for (var at = 0; at < mask.Length;)
        {
            var (gap, gapEnd) = FindRun(mask, at, mask.Length, hasData: false);
            for (var from = gap; from < gapEnd;)
            {
                var (start, end) = FindRun(underMask, from, gapEnd, hasData: true);
                mask[start..end].Fill(255);
                underPixels[(start * size)..(end * size)].CopyTo(pixels[(start * size)..]);
                from = end;
            }

            at = gapEnd;
        }

        tile.IsFull = !mask.ContainsAnyExcept((byte)255);
    }

    /// <summary>The next run of pixels with data, or without; empty, at the end, when there is none.</summary>
    private static (int Start, int End) FindRun(ReadOnlySpan<byte> mask, int from, int until, bool hasData)
    {
        var rest = mask[from..until];
        var start = hasData ? rest.IndexOfAnyExcept((byte)0) : rest.IndexOf((byte)0);
        if (start < 0)
            return (until, until);
        var length = hasData ? rest[start..].IndexOf((byte)0) : rest[start..].IndexOfAnyExcept((byte)0);
        return (from + start, length < 0 ? until : from + start + length);
    }
}
