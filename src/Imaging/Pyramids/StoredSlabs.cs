using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>What is stored of a slab: the slab and its mask slab, and until the build ends the slabs of its <see cref="SlabHandover"/>.</summary>
public enum StoredPart
{
    Data,
    Mask,
    HandoverHalves,
    HandoverMask,
}

/// <summary>Reads a part of a stored slab whole. Null when there is none.</summary>
public delegate ReadOnlyMemory<byte>? StoredSlabRead(SlabIndex slab, StoredPart part);

/// <summary>
/// Decodes the tiles of stored slabs back to pixels and masks. With their masks stored, beside the tiles or within them, masks are exact. Without, a pixel is without data when all its
/// samples are nodata's, in JPEG to within <see cref="NodataPixels.JpegTolerance"/> grey levels.
/// </summary>
/// <param name="format">What is stored.</param>
/// <param name="read">Reads a slab whole.</param>
/// <param name="data">The part that holds the pixels.</param>
/// <param name="mask">The part that holds the masks; it may be absent.</param>
internal sealed class StoredSlabs(SlabFormat format, StoredSlabRead read, StoredPart data, StoredPart mask)
{
    private readonly byte[] _nodata = format.NodataPixel();

    public SlabFormat Format => format;

    /// <summary>The slab with its mask, or null when it is not stored.</summary>
    /// <exception cref="UnreadableRasterException">What is stored is no slab of this format.</exception>
    public (SlabReader Data, SlabReader? Mask)? Find(SlabIndex slab)
    {
        if (read(slab, data) is not { } bytes)
            return null;
        try
        {
            var pixels = new SlabReader(bytes);
            if (pixels.Header.Pixels != format.Pixels || pixels.Header.Tiles != format.Size.Tiles
                || pixels.Header.TileWidth != format.TileWidth || pixels.Header.TileHeight != format.TileHeight)
            {
                throw new InvalidSlabException("its directory tells another format than the pyramid's");
            }

            return (pixels, read(slab, mask) is { } masks ? new SlabReader(masks) : null);
        }
        catch (InvalidSlabException e)
        {
            throw new UnreadableRasterException(NameOf(slab), e.Message, e);
        }
    }

    /// <summary>Decodes one tile, samples and mask; false when it has no data.</summary>
    /// <exception cref="UnreadableRasterException">The tile is damaged.</exception>
    public bool TryDecode(SlabIndex slab, (SlabReader Data, SlabReader? Mask) stored, int number, Raster tile)
    {
        try
        {
            if (!stored.Data.TryDecode(number, tile.Pixels, tile.Mask, out var hasMask))
                return false;
            if ((stored.Mask is null || !stored.Mask.TryDecode(number, tile.Mask)) && !hasMask)
                NodataPixels.Mask(tile, format.Compression, _nodata);
            tile.IsFull = !tile.Mask.ContainsAnyExcept((byte)255);
            return tile.IsFull || tile.Mask.ContainsAnyExcept((byte)0);
        }
        catch (Exception e) when (e is TileCodecException or InvalidSlabException)
        {
            throw new UnreadableRasterException(NameOf(slab), $"tile {number}: {e.Message}", e);
        }
    }

    private static string NameOf(SlabIndex slab) => $"slab {slab.Col},{slab.Row} of level {slab.Level}";
}
