using System.Runtime.CompilerServices;

namespace Grid.Cli.Lots;

/// <summary>Randomness as a pure function of a place: hashes of integer pairs, and smooth noise between them.</summary>
internal static class LatticeNoise
{
    /// <summary>32 well-mixed bits of a pair and a seed (the finaliser of a xor-multiply hash).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Hash(int x, int y, uint seed)
    {
        var h = ((uint)x * 0x9E3779B1u) ^ ((uint)y * 0x85EBCA77u) ^ (seed * 0xC2B2AE3Du);
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        return h ^ (h >> 15);
    }

    /// <summary>A value in [0, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Unit(int x, int y, uint seed) => (Hash(x, y, seed) >> 8) * (1f / 16777216);

    /// <summary>Smooth noise in [0, 1) whose hills are about <paramref name="period"/> apart, at a place in the same unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Smooth(double x, double y, double period, uint seed)
    {
        double u = x / period, v = y / period;
        double floorU = Math.Floor(u), floorV = Math.Floor(v);
        int i = (int)floorU, j = (int)floorV;
        float fx = (float)(u - floorU), fy = (float)(v - floorV);
        fx *= fx * (3 - (2 * fx));
        fy *= fy * (3 - (2 * fy));
        float a = Unit(i, j, seed), b = Unit(i + 1, j, seed), c = Unit(i, j + 1, seed), d = Unit(i + 1, j + 1, seed);
        var upper = a + ((b - a) * fx);
        return upper + ((c + ((d - c) * fx) - upper) * fy);
    }
}
