using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Grid.Imaging.Sources;

/// <summary>Masks from values: a pixel has no data when every sample is its band's nodata, to within a tolerance, or when a float sample is NaN.</summary>
internal static class NodataMask
{
    /// <summary>Writes 0 or 255 for each pixel of interleaved bytes. The vector path gives the bytes of <see cref="ScalarBytes"/>.</summary>
    /// <param name="nodata">One byte a band.</param>
    /// <param name="tolerance">0 to 255 is what differs in bytes; more is 255.</param>
    internal static void FromBytes(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> nodata, double tolerance, Span<byte> mask)
    {
        var most = (byte)Math.Clamp(tolerance, 0, 255);
        var done = 0;
        if (Vector128.IsHardwareAccelerated && mask.Length >= 16)
            done = VectorBytes(pixels, nodata, most, mask);
        ScalarBytes(pixels[(done * nodata.Length)..], nodata, most, mask[done..]);
    }

    internal static void ScalarBytes(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> nodata, byte tolerance, Span<byte> mask)
    {
        for (var i = 0; i < mask.Length; i++)
        {
            var isNodata = true;
            for (var band = 0; band < nodata.Length; band++)
                isNodata &= Math.Abs(pixels[(i * nodata.Length) + band] - nodata[band]) <= tolerance;
            mask[i] = isNodata ? (byte)0 : (byte)255;
        }
    }

    /// <param name="nodata">One value a band, or null: then only NaN is no data.</param>
    internal static void FromFloats(ReadOnlySpan<float> pixels, int bands, float[]? nodata, double tolerance, Span<byte> mask)
    {
        for (var i = 0; i < mask.Length; i++)
        {
            var pixel = pixels.Slice(i * bands, bands);
            var isNodata = nodata is not null;
            for (var band = 0; band < bands; band++)
            {
                if (float.IsNaN(pixel[band]))
                {
                    isNodata = true;
                    break;
                }

                isNodata &= nodata is not null && (pixel[band] == nodata[band] || Math.Abs((double)pixel[band] - nodata[band]) <= tolerance);
            }

            mask[i] = isNodata ? (byte)0 : (byte)255;
        }
    }

    /// <summary>Nodata values as the bytes that can hold them, or null when a value is none that a byte can hold, and so masks nothing.</summary>
    internal static byte[]? AsBytes(double[]? nodata) =>
        nodata is not null && nodata.All(value => value is >= 0 and <= 255 && value == Math.Floor(value)) ? [.. nodata.Select(value => (byte)value)] : null;

    internal static float[]? AsFloats(double[]? nodata) => nodata is null ? null : [.. nodata.Select(value => (float)value)];

    // Sixteen pixels at once: nearly always either none of their bytes is the nodata's or all are; the rest is for the scalar twin.
    private static int VectorBytes(ReadOnlySpan<byte> pixels, ReadOnlySpan<byte> nodata, byte tolerance, Span<byte> mask)
    {
        var bands = nodata.Length;
        Span<byte> pattern = stackalloc byte[16 * 4];
        if (bands > 4)
            return 0;
        for (var i = 0; i < 16 * bands; i++)
            pattern[i] = nodata[i % bands];
        ref var source = ref MemoryMarshal.GetReference(pixels);
        ref var expected = ref MemoryMarshal.GetReference(pattern);
        ref var target = ref MemoryMarshal.GetReference(mask);
        var pixel = 0;
        for (; pixel + 16 <= mask.Length; pixel += 16)
        {
            Vector128<byte> any = Vector128<byte>.Zero, all = Vector128<byte>.AllBitsSet;
            for (var part = 0; part < bands; part++)
            {
                var sample = Vector128.LoadUnsafe(ref source, (nuint)((pixel * bands) + (part * 16)));
                var near = Vector128.LoadUnsafe(ref expected, (nuint)(part * 16));
                var equal = Vector128.LessThanOrEqual(Vector128.Max(sample, near) - Vector128.Min(sample, near), Vector128.Create(tolerance));
                any |= equal;
                all &= equal;
            }

            if (any == Vector128<byte>.Zero)
                Vector128<byte>.AllBitsSet.StoreUnsafe(ref target, (nuint)pixel);
            else if (all == Vector128<byte>.AllBitsSet)
                Vector128<byte>.Zero.StoreUnsafe(ref target, (nuint)pixel);
            else
                ScalarBytes(pixels.Slice(pixel * bands, 16 * bands), nodata, tolerance, mask.Slice(pixel, 16));
        }

        return pixel;
    }
}
