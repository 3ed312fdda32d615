using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Grid.Imaging.Styles;

/// <summary>A window of one channel as floats with a mask, in which NaN is no data, whatever the samples are. Rented: dispose it.</summary>
internal sealed class ValueWindow : IDisposable
{
    private readonly float[] _values;
    private readonly byte[] _mask;

    public ValueWindow(Raster window)
    {
        Width = window.Width;
        var count = window.Width * window.Height;
        _values = ArrayPool<float>.Shared.Rent(count);
        _mask = ArrayPool<byte>.Shared.Rent(count);
        window.Mask.CopyTo(_mask);
        var values = _values.AsSpan(0, count);
        if (window.Format.Sample == SampleType.Float32)
        {
            MemoryMarshal.Cast<byte, float>(window.Pixels).CopyTo(values);
            MaskNaN(values, _mask);
        }
        else
        {
            var samples = window.Pixels;
            for (var i = 0; i < count; i++)
                values[i] = samples[i];
        }
    }

    public int Width { get; }

    public ReadOnlySpan<float> Values(int row) => _values.AsSpan(row * Width, Width);

    public ReadOnlySpan<byte> Mask(int row) => _mask.AsSpan(row * Width, Width);

    /// <summary>Sets the mask to 0 where a value is NaN; returns whether any was.</summary>
    public static bool MaskNaN(ReadOnlySpan<float> values, Span<byte> mask)
    {
        var i = 0;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        while (i < vectors.Length && Vector.EqualsAll(vectors[i], vectors[i]))
            i++;
        var any = false;
        for (i *= Vector<float>.Count; i < values.Length; i++)
        {
            if (float.IsNaN(values[i]))
            {
                mask[i] = 0;
                any = true;
            }
        }

        return any;
    }

    public void Dispose()
    {
        ArrayPool<float>.Shared.Return(_values);
        ArrayPool<byte>.Shared.Return(_mask);
    }
}
