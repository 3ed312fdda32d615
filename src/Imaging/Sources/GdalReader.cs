using System.Buffers;
using System.Runtime.InteropServices;
using Grid.Imaging.Gdal;
using Grid.Imaging.Inspection;

namespace Grid.Imaging.Sources;

/// <summary>
/// Reads any raster by GDAL, in chunks of whole blocks that <see cref="ChunkCache"/> keeps in the lot's format: no block is decoded twice
/// for a window, and rarely for its neighbours.
/// </summary>
internal sealed class GdalReader : ChunkedReader
{
    /// <summary>Pixels of a chunk, unless one block is larger: large enough to make the call to GDAL cheap, small enough to share.</summary>
    private const int ChunkPixels = 512 * 512;

    private readonly GdalDataset _dataset;
    private readonly LotRaster _raster;
    private readonly PixelFormat _format;
    private readonly ChannelMapping _mapping;
    private readonly byte[]? _palette;
    private readonly int[] _bands;
    private EdgeMask? _edges;

    /// <exception cref="UnreadableRasterException">The file is gone, or no longer what it was when the lot was opened.</exception>
    internal GdalReader(LotRaster raster, PixelFormat format, long lot, ChunkCache cache)
        : base(raster, format, lot, cache, ChunkSize(raster))
    {
        _raster = raster;
        _format = format;
        _mapping = ChannelMapping.Find(raster.Pixels, format.Channels, out var reason) ?? throw new UnreadableRasterException(raster.Name, reason);
        _dataset = RasterOpening.Open(raster.GdalPath, raster.Name);
        if (_dataset.Width != raster.Width || _dataset.Height != raster.Height || _dataset.Bands != raster.Pixels.Bands)
        {
            _dataset.Dispose();
            throw new UnreadableRasterException(raster.Name, "it changed after the lot was opened.");
        }

        _palette = raster.Pixels.Colour == ColourModel.Palette ? _dataset.Palette(1) : null;
        _bands = [.. Enumerable.Range(1, raster.Pixels.Bands)];
    }

    public override void Dispose() => _dataset.Dispose();

    protected override void Decode(Chunk chunk, int col, int row, int cols, int rows)
    {
        var pixels = cols * rows;
        var isByte = _raster.Pixels.Sample == StoredSample.UInt8;
        var rawBytes = checked(pixels * _bands.Length * (isByte ? 1 : 4));
        var mask = chunk.Mask.AsSpan(0, pixels);
        var target = chunk.Pixels.AsSpan(0, pixels * _format.BytesPerPixel);
        var raw = ArrayPool<byte>.Shared.Rent(rawBytes);
        try
        {
            var samples = raw.AsSpan(0, rawBytes);
            Read(col, row, cols, rows, raw, mask);
            if (_raster.Pixels.IsAtEdgesOnly)
                KeepInside(col, row, cols, samples, mask);

            if (!isByte)
                Map(MemoryMarshal.Cast<byte, float>(samples), MemoryMarshal.Cast<byte, float>(target));
            else
                ConvertBytes(samples, mask, target);
        }
        catch (GdalException failure)
        {
            throw new UnreadableRasterException(_raster.Name,
                $"columns {col} to {col + cols - 1}, rows {row} to {row + rows - 1} cannot be decoded ({failure.Explanation.TrimEnd('.')}).", failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(raw);
        }

        // GDAL's masks may hold other values than 0 and 255 (alpha, 1-bit masks).
        for (var i = mask.IndexOfAnyExcept((byte)0, (byte)255); i >= 0 && i < mask.Length; i++)
            mask[i] = mask[i] != 0 ? (byte)255 : (byte)0;
        chunk.IsFull = !mask.ContainsAnyExcept((byte)255);
    }

    private static (int Width, int Height) ChunkSize(LotRaster raster)
    {
        var across = Math.Max(1, Math.Min(ChunkPixels / Math.Max(1, raster.BlockHeight) / raster.BlockWidth, (int)Math.Ceiling(1024.0 / raster.BlockWidth)));
        var width = (int)Math.Min(raster.Width, (long)raster.BlockWidth * across);
        var down = Math.Max(1, ChunkPixels / width / raster.BlockHeight);
        return (width, (int)Math.Min(raster.Height, (long)raster.BlockHeight * down));
    }

    private void Read(int col, int row, int cols, int rows, byte[] raw, Span<byte> mask)
    {
        var isByte = _raster.Pixels.Sample == StoredSample.UInt8;
        _dataset.Read(col, row, cols, rows, _bands, isByte ? GdalDataType.Byte : GdalDataType.Float32, raw);
        var samples = raw.AsSpan(0, cols * rows * _bands.Length * (isByte ? 1 : 4));
        if (_raster.Pixels.Mask == MaskKind.Band)
            _dataset.ReadMask(col, row, cols, rows, mask);
        else if (isByte)
            MaskBytes(samples, mask);
        else
            NodataMask.FromFloats(MemoryMarshal.Cast<byte, float>(samples), _bands.Length, NodataMask.AsFloats(_raster.Pixels.Nodata), _raster.Pixels.Tolerance, mask);
    }

    /// <summary>Gives pixels with the value of nodata that lie inside their data back; values that are no numbers stay without.</summary>
    private void KeepInside(int col, int row, int cols, ReadOnlySpan<byte> samples, Span<byte> mask)
    {
        _edges ??= _raster.Edges!.Get(EdgesOf);
        var isByte = _raster.Pixels.Sample == StoredSample.UInt8;
        for (var i = mask.IndexOf((byte)0); i >= 0 && i < mask.Length; i++)
        {
            if (mask[i] == 0 && !_edges.Contains(col + (i % cols), row + (i / cols))
                && (isByte || MemoryMarshal.Cast<byte, float>(samples).Slice(i * _bands.Length, _bands.Length).IndexOf(float.NaN) < 0))
                mask[i] = 255;
        }
    }

    private EdgeMask EdgesOf()
    {
        var rowsAtOnce = Math.Max(_raster.BlockHeight, Math.Max(1, ChunkPixels / _raster.Width) / _raster.BlockHeight * _raster.BlockHeight);
        var raw = new byte[(long)Math.Min(rowsAtOnce, _raster.Height) * _raster.Width * _bands.Length * (_raster.Pixels.Sample == StoredSample.UInt8 ? 1 : 4)];
        return new EdgeMask(_raster.Width, _raster.Height, rowsAtOnce, (top, rows, mask) => Read(0, top, _raster.Width, rows, raw, mask));
    }

    private void MaskBytes(ReadOnlySpan<byte> samples, Span<byte> mask)
    {
        var pixels = _raster.Pixels;
        if (pixels.Mask == MaskKind.Nodata && NodataMask.AsBytes(pixels.Nodata) is { } nodata)
        {
            NodataMask.FromBytes(samples, nodata, pixels.Tolerance, mask);
        }
        else if (pixels.Mask == MaskKind.Alpha && pixels.AlphaBand > 0)
        {
            for (var i = 0; i < mask.Length; i++)
                mask[i] = samples[(i * pixels.Bands) + pixels.AlphaBand - 1];
        }
        else
        {
            mask.Fill(255);
        }
    }

    private void ConvertBytes(Span<byte> samples, Span<byte> mask, Span<byte> target)
    {
        if (_palette is not null)
        {
            var expanded = ArrayPool<byte>.Shared.Rent(samples.Length * 4);
            Expand(samples, mask, expanded);
            Deliver(expanded.AsSpan(0, samples.Length * 4), target);
            ArrayPool<byte>.Shared.Return(expanded);
            return;
        }

        if (_raster.Pixels.Bits < 8 && _raster.Pixels.Colour == ColourModel.Gray)
        {
            var greatest = (1 << _raster.Pixels.Bits) - 1;
            foreach (ref var sample in samples)
                sample = (byte)(Math.Min(sample, greatest) * 255 / greatest);
        }

        Deliver(samples, target);
    }

    private void Expand(ReadOnlySpan<byte> indices, Span<byte> mask, Span<byte> colours)
    {
        for (var i = 0; i < indices.Length; i++)
        {
            var entry = _palette.AsSpan(indices[i] * 4, 4);
            entry.CopyTo(colours[(i * 4)..]);
            if (entry[3] == 0)
                mask[i] = 0;
        }
    }

    private void Deliver(ReadOnlySpan<byte> samples, Span<byte> target)
    {
        if (_format.Sample == SampleType.UInt8)
        {
            Map(samples, target);
            return;
        }

        var values = MemoryMarshal.Cast<byte, float>(target);
        var mapped = ArrayPool<byte>.Shared.Rent(values.Length);
        Map(samples, mapped.AsSpan(0, values.Length));
        for (var i = 0; i < values.Length; i++)
            values[i] = mapped[i];
        ArrayPool<byte>.Shared.Return(mapped);
    }

    private void Map<T>(ReadOnlySpan<T> source, Span<T> target)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        if (_mapping.IsIdentity)
            source[..target.Length].CopyTo(target);
        else
            _mapping.Apply(source, target);
    }
}
