using Grid.Imaging.Codecs.Png;
using Grid.Imaging.Codecs.TurboJpeg;
using Grid.Imaging.Codecs.WebP;
using Grid.Imaging.Codecs.Zlib;

namespace Grid.Imaging.Codecs;

/// <summary>
/// Encodes tiles of one size and format; the same samples always give the same bytes. One thread at a time: each worker owns one, whose
/// buffers and native state serve for every tile.
/// </summary>
public abstract class TileEncoder : IDisposable
{
    /// <param name="compression">One that is written: not Lzw, not PackBits.</param>
    /// <param name="format">What a pixel is.</param>
    /// <param name="width">Pixels per row of a tile.</param>
    /// <param name="height">Rows of a tile.</param>
    /// <exception cref="ArgumentException">The compression does not take this format.</exception>
    public static TileEncoder Create(TileCompression compression, PixelFormat format, int width, int height)
    {
        if (TileCompressions.WhyNot(compression, format) is { } reason)
            throw new ArgumentException(reason);
        return compression switch
        {
            TileCompression.Jpeg => new TurboJpegEncoder(width, height, 75),
            TileCompression.Jpeg90 => new TurboJpegEncoder(width, height, 90),
            TileCompression.Png => new PngEncoder(width, height, format.Channels),
            TileCompression.Zip => new ZlibEncoder(),
            TileCompression.JpegPng => new JpegPngEncoder(width, height),
            TileCompression.WebP => new WebPTileEncoder(width, height),
            _ => new RawEncoder(),
        };
    }

    /// <summary>Encodes one tile: samples <c>[row, col, channel]</c> without padding. The bytes last until the next call.</summary>
    public abstract ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> samples);

    /// <summary>
    /// Encodes one tile of which some pixels have no data, 0 in <paramref name="mask"/> (a byte a pixel). Compressions that keep no opacity
    /// (<see cref="TileCompressions.KeepsOpacity"/>) store the samples that are given for them.
    /// </summary>
    public virtual ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> samples, ReadOnlySpan<byte> mask) => Encode(samples);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }

    private sealed class RawEncoder : TileEncoder
    {
        private byte[] _bytes = [];

        public override ReadOnlySpan<byte> Encode(ReadOnlySpan<byte> samples)
        {
            if (_bytes.Length < samples.Length)
                _bytes = new byte[samples.Length];
            samples.CopyTo(_bytes);
            return _bytes.AsSpan(0, samples.Length);
        }
    }
}
