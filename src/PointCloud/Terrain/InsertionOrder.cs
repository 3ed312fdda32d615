using System.Numerics;
using System.Runtime.InteropServices;

namespace Grid.PointCloud.Terrain;

/// <summary>
/// The order in which points enter a triangulation: in rounds, each a sample of the next (Amenta, Choi and Rote, "Incremental constructions con BRIO", 2003),
/// and along a Hilbert curve within a round, so that each point is near the one before. A point's round and place depend on its coordinates alone.
/// </summary>
internal sealed class InsertionOrder
{
    private const int CurveBits = 14, RoundBits = 4, Rounds = 1 << RoundBits;
    private const int DigitBits = 11, Digits = 1 << DigitBits;
    private ulong[] _keys = [], _other = [];
    private readonly int[] _starts = new int[Digits];

    /// <summary>Indices of the points in the order of insertion. Valid until the next call.</summary>
    public ReadOnlySpan<uint> Sort(ReadOnlySpan<Site> sites, int west, int south, int extent)
    {
        var count = sites.Length;
        if (_keys.Length < count)
            (_keys, _other) = (new ulong[count + (count / 4)], new ulong[count + (count / 4)]);
        var shift = Math.Max(0, 32 - BitOperations.LeadingZeroCount((uint)extent) - CurveBits);
        for (var i = 0; i < count; i++)
            _keys[i] = ((ulong)KeyOf(sites[i], west, south, shift) << 32) | (uint)i;
        for (var digit = 0; digit < 3; digit++)
            SortBy(32 + (digit * DigitBits), count);
        var indices = MemoryMarshal.Cast<ulong, uint>(_other.AsSpan())[..count];
        for (var i = 0; i < count; i++)
            indices[i] = (uint)_keys[i];
        return indices;
    }

    private static uint KeyOf(Site site, int west, int south, int shift)
    {
        uint x = (uint)(site.X - west) >> shift, y = (uint)(site.Y - south) >> shift;
        var hash = ((uint)site.X * 0x9E3779B1u) ^ BitOperations.RotateLeft((uint)site.Y * 0x85EBCA77u, 15);
        hash = (hash ^ (hash >> 15)) * 0x2C1B3C6Du;
        hash ^= hash >> 13;
        // Three quarters of the points come in the last round.
        var round = Math.Min(BitOperations.TrailingZeroCount(hash | 0x80000000) / 2, Rounds - 1);
        return ((uint)(Rounds - 1 - round) << (2 * CurveBits)) | Hilbert(x, y);
    }

    /// <summary>The place of a cell on the Hilbert curve (Skilling's transform in two dimensions).</summary>
    private static uint Hilbert(uint x, uint y)
    {
        uint place = 0;
        for (var s = 1u << (CurveBits - 1); s > 0; s >>= 1)
        {
            uint rx = (x & s) != 0 ? 1u : 0, ry = (y & s) != 0 ? 1u : 0;
            place = (place << 2) | ((3 * rx) ^ ry);
            if (ry == 0)
            {
                if (rx == 1)
                    (x, y) = (~x, ~y);
                (x, y) = (y, x);
            }
        }

        return place;
    }

    private void SortBy(int shift, int count)
    {
        Array.Clear(_starts);
        for (var i = 0; i < count; i++)
            _starts[(_keys[i] >> shift) & (Digits - 1)]++;
        var sum = 0;
        for (var digit = 0; digit < Digits; digit++)
            (_starts[digit], sum) = (sum, sum + _starts[digit]);
        for (var i = 0; i < count; i++)
            _other[_starts[(_keys[i] >> shift) & (Digits - 1)]++] = _keys[i];
        (_keys, _other) = (_other, _keys);
    }
}
