using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Pyramids;

/// <summary>Reads a stored slab whole; <paramref name="mask"/> asks for the mask slab beside it. Null when there is none.</summary>
public delegate ReadOnlyMemory<byte>? StoredSlabRead(SlabIndex slab, bool mask);

/// <summary>
/// Decodes the tiles of stored slabs back to pixels and masks. With mask slabs, masks are exact. Without, a pixel is without data when all its
/// samples are nodata's, in JPEG to within <see cref="JpegTolerance"/> grey levels.
/// </summary>
internal sealed class StoredSlabs(SlabFormat format, StoredSlabRead read)
{
    public const int JpegTolerance = 3;

    private readonly byte[] _nodata = format.NodataPixel();

    public SlabFormat Format => format;

    /// <summary>The slab with its mask, or null when it is not stored.</summary>
    /// <exception cref="UnreadableRasterException">What is stored is no slab of this format.</exception>
    public (SlabReader Data, SlabReader? Mask)? Find(SlabIndex slab)
    {
        if (read(slab, false) is not { } bytes)
            return null;
        try
        {
            var data = new SlabReader(bytes);
            if (data.Header.Pixels != format.Pixels || data.Header.Tiles != format.Size.Tiles
                || data.Header.TileWidth != format.TileWidth || data.Header.TileHeight != format.TileHeight)
            {
                throw new InvalidSlabException("its directory tells another format than the pyramid's");
            }

            return (data, read(slab, true) is { } mask ? new SlabReader(mask) : null);
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
            if (!stored.Data.TryDecode(number, tile.Pixels))
                return false;
            if (stored.Mask is null)
                MaskNodata(tile);
            else if (!stored.Mask.TryDecode(number, tile.Mask))
                return false;
            tile.IsFull = !tile.Mask.ContainsAnyExcept((byte)255);
            return tile.IsFull || tile.Mask.ContainsAnyExcept((byte)0);
        }
        catch (Exception e) when (e is TileCodecException or InvalidSlabException)
        {
            throw new UnreadableRasterException(NameOf(slab), $"tile {number}: {e.Message}", e);
        }
    }

    private static string NameOf(SlabIndex slab) => $"slab {slab.Col},{slab.Row} of level {slab.Level}";

    private void MaskNodata(Raster tile)
    {
        var pixels = tile.Pixels;
        var mask = tile.Mask;
        var size = _nodata.Length;
        if (TileCompressions.IsLossless(format.Compression))
        {
            for (var i = 0; i < mask.Length; i++)
                mask[i] = pixels.Slice(i * size, size).SequenceEqual(_nodata) ? (byte)0 : (byte)255;
            return;
        }

        for (var i = 0; i < mask.Length; i++)
        {
            var near = true;
            for (var c = 0; c < size && near; c++)
                near = Math.Abs(pixels[(i * size) + c] - _nodata[c]) <= JpegTolerance;
            mask[i] = near ? (byte)0 : (byte)255;
        }
    }
}
