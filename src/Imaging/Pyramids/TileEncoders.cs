using System.Collections.Concurrent;
using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;

namespace Grid.Imaging.Pyramids;

/// <summary>The encoders of a build: as many as threads use at once, each used by one at a time.</summary>
internal sealed class TileEncoders(PyramidBuildFormat format) : IDisposable
{
    private readonly ConcurrentBag<TileEncoder> _data = [];
    private readonly ConcurrentBag<TileEncoder> _masks = [];
    private readonly byte[] _nodata = format.Slab.NodataPixel();
    private readonly Lazy<byte[]> _fullMask = new(() => EncodeFullMask(format.Slab.ForMask()));

    /// <summary>Encodes a tile into the data slab, and its mask into the mask slab when there is one. Pixels without data become nodata.</summary>
    public void Add(Raster tile, int number, SlabWriter data, SlabWriter? masks)
    {
        if (!tile.IsFull)
            FillNodata(tile);
        var slab = format.Slab;
        if (!_data.TryTake(out var encoder))
            encoder = TileEncoder.Create(slab.Compression, slab.Pixels, slab.TileWidth, slab.TileHeight);
        data.Add(number, tile.IsFull ? encoder.Encode(tile.Pixels) : encoder.Encode(tile.Pixels, tile.Mask));
        _data.Add(encoder);
        if (masks is not null)
            AddMask(tile, number, masks);
    }

    /// <summary>Encodes a tile's mask into a mask slab.</summary>
    public void AddMask(Raster tile, int number, SlabWriter masks)
    {
        if (tile.IsFull)
        {
            masks.Add(number, _fullMask.Value);
            return;
        }

        if (!_masks.TryTake(out var encoder))
            encoder = TileEncoder.Create(TileCompression.Zip, new PixelFormat(SampleType.UInt8, 1), format.Slab.TileWidth, format.Slab.TileHeight);
        masks.Add(number, encoder.Encode(tile.Mask));
        _masks.Add(encoder);
    }

    public void Dispose()
    {
        foreach (var encoder in _data.Concat(_masks))
            encoder.Dispose();
    }

    private static byte[] EncodeFullMask(SlabFormat mask)
    {
        var full = new byte[mask.TileBytes];
        full.AsSpan().Fill(255);
        using var encoder = TileEncoder.Create(mask.Compression, mask.Pixels, mask.TileWidth, mask.TileHeight);
        return encoder.Encode(full).ToArray();
    }

    private void FillNodata(Raster tile)
    {
        var mask = tile.Mask;
        var pixels = tile.Pixels;
        var size = _nodata.Length;
        for (var at = 0; at < mask.Length;)
        {
            var start = mask[at..].IndexOf((byte)0);
            if (start < 0)
                return;
            start += at;
            var length = mask[start..].IndexOfAnyExcept((byte)0);
            length = length < 0 ? mask.Length - start : length;
            var gap = pixels.Slice(start * size, length * size);
            if (size == 1)
            {
                gap.Fill(_nodata[0]);
            }
            else
            {
                _nodata.CopyTo(gap);
                for (var done = size; done < gap.Length; done *= 2)
                    gap[..Math.Min(done, gap.Length - done)].CopyTo(gap[done..]);
            }

            at = start + length;
        }
    }
}
