using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Grid.Imaging.Styles;

/// <summary>The colour of a value and, up to the next entry, of those above it.</summary>
public readonly record struct PaletteColour(double Value, byte Red, byte Green, byte Blue, byte Alpha);

/// <summary>
/// Colours by value. Between two entries colour and opacity either keep the lower entry's or go straight to the upper one's; values below the first
/// entry have its colour, values above the last the last's. Of two entries with one value the first counts. Immutable.
/// </summary>
public sealed class Palette
{
    private const int Buckets = 1024;

    private readonly float[] _values;
    private readonly Vector128<float>[] _colours;
    private readonly Vector128<float>[] _slopes;

    // The last entry not above a bucket's lower end: where the search of a value begins.
    private readonly ushort[] _starts = new ushort[Buckets];
    private readonly float _bucketsPerUnit;

    /// <param name="colours">At least one, at most 65,535, in any order.</param>
    /// <param name="isRgbContinuous">Whether colours go straight from one entry to the next.</param>
    /// <param name="isAlphaContinuous">Whether opacity does.</param>
    /// <param name="isOpaque">Whether opacity is left out: pixels are then RGB.</param>
    public Palette(IEnumerable<PaletteColour> colours, bool isRgbContinuous, bool isAlphaContinuous, bool isOpaque)
    {
        // By the value as pixels have it: two that a float cannot tell apart are one.
        PaletteColour[] sorted = [.. colours.DistinctBy(colour => (float)colour.Value).OrderBy(colour => colour.Value)];
        if (sorted.Length is 0 or > ushort.MaxValue)
            throw new ArgumentException($"A palette of {sorted.Length} colours: 1 to {ushort.MaxValue} are allowed.", nameof(colours));
        IsOpaque = isOpaque;
        Colours = sorted;
        _values = [.. sorted.Select(colour => (float)colour.Value)];
        _colours = [.. sorted.Select(colour => Vector128.Create(colour.Red, colour.Green, colour.Blue, (float)colour.Alpha))];
        _slopes = new Vector128<float>[sorted.Length];
        var moving = Vector128.Create(isRgbContinuous ? 1f : 0, isRgbContinuous ? 1f : 0, isRgbContinuous ? 1f : 0, isAlphaContinuous ? 1f : 0);
        for (var i = 0; i + 1 < sorted.Length; i++)
            _slopes[i] = moving * (_colours[i + 1] - _colours[i]) / Vector128.Create(_values[i + 1] - _values[i]);
        var range = _values[^1] - _values[0];
        _bucketsPerUnit = range > 0 ? Buckets / range : 0;
        for (int bucket = 0, entry = 0; bucket < Buckets; bucket++)
        {
            while (entry + 1 < _values.Length && (_values[entry + 1] - _values[0]) * _bucketsPerUnit < bucket)
                entry++;
            _starts[bucket] = (ushort)entry;
        }
    }

    /// <summary>In ascending order of values.</summary>
    public IReadOnlyList<PaletteColour> Colours { get; }

    /// <summary>True when pixels are RGB, false when they are RGB and alpha.</summary>
    public bool IsOpaque { get; }

    /// <summary>What the palette makes of one channel.</summary>
    public PixelFormat Output => new(SampleType.UInt8, IsOpaque ? 3 : 4);

    /// <summary>The colour of a value, red in the lowest byte and opacity in the highest; NaN has the first entry's.</summary>
    public uint ColourOf(float value)
    {
        var first = _values[0];
        if (!(value > first))
            return Pack(_colours[0]);
        var entry = value >= _values[^1] ? _values.Length - 1 : (int)_starts[Math.Min(Buckets - 1, (int)((value - first) * _bucketsPerUnit))];
        // A bucket's start may be an entry too high by the rounding of its place.
        while (_values[entry] > value)
            entry--;
        while (entry + 1 < _values.Length && _values[entry + 1] <= value)
            entry++;
        return Pack(_colours[entry] + (_slopes[entry] * Vector128.Create(value - _values[entry])));
    }

    /// <summary>Paints values where the mask is not 0, and zeros elsewhere; <paramref name="output"/> has as many pixels of <see cref="Output"/>.</summary>
    public void Paint(ReadOnlySpan<float> values, ReadOnlySpan<byte> mask, Span<byte> output)
    {
        if (!IsOpaque)
        {
            var pixels = MemoryMarshal.Cast<byte, uint>(output);
            for (var i = 0; i < values.Length; i++)
                pixels[i] = mask[i] != 0 ? ColourOf(values[i]) : 0;
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            var colour = mask[i] != 0 ? ColourOf(values[i]) : 0;
            (output[3 * i], output[(3 * i) + 1], output[(3 * i) + 2]) = ((byte)colour, (byte)(colour >> 8), (byte)(colour >> 16));
        }
    }

    /// <summary>The colours of the values 0 to 255, as <see cref="ColourOf"/> has them.</summary>
    public uint[] OfBytes() => [.. Enumerable.Range(0, 256).Select(value => ColourOf(value))];

    private static uint Pack(Vector128<float> colour)
    {
        var rounded = Vector128.ConvertToInt32(colour + Vector128.Create(0.5f)).AsUInt32();
        return rounded[0] | (rounded[1] << 8) | (rounded[2] << 16) | (rounded[3] << 24);
    }
}
