using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Grid.Imaging.Styles;

/// <summary>
/// Slopes of a surface towards east and north from the 3 × 3 values around each pixel. A neighbour without data counts as the pixel itself, as in
/// <c>gdaldem -compute_edges</c>, so that nodata never enters.
/// </summary>
internal abstract class TerrainGradient
{
    /// <summary>Horn (1981): the mean over three lines, the middle one twice.</summary>
    public static TerrainGradient Horn { get; } = new Weighted(1, 2, 8);

    /// <summary>Zevenbergen and Thorne (1987): the middle line alone.</summary>
    public static TerrainGradient ZevenbergenThorne { get; } = new Weighted(0, 1, 2);

    /// <summary>
    /// Writes the slopes of a line, metres up a metre. <paramref name="row"/> is the window's line above it; the window has one column more on each
    /// side. Where the pixel itself has no data the slopes are unspecified.
    /// </summary>
    public abstract void Line(ValueWindow window, int row, double cellWidth, double cellHeight, Span<float> toEast, Span<float> toNorth);

    private sealed class Weighted(float outer, float middle, double cells) : TerrainGradient
    {
        public override void Line(ValueWindow window, int row, double cellWidth, double cellHeight, Span<float> toEast, Span<float> toNorth)
        {
            var east = (float)(1 / (cells * cellWidth));
            var north = (float)(1 / (cells * cellHeight));
            if (window.Mask(row).Contains((byte)0) || window.Mask(row + 1).Contains((byte)0) || window.Mask(row + 2).Contains((byte)0))
                Patched(window, row, east, north, toEast, toNorth);
            else
                Whole(window.Values(row), window.Values(row + 1), window.Values(row + 2), east, north, toEast, toNorth);
        }

        private void Whole(
            ReadOnlySpan<float> above, ReadOnlySpan<float> at, ReadOnlySpan<float> below, float east, float north, Span<float> toEast, Span<float> toNorth)
        {
            var width = toEast.Length;
            var i = 0;
            if (Vector256.IsHardwareAccelerated)
            {
                ref var a = ref MemoryMarshal.GetReference(above);
                ref var b = ref MemoryMarshal.GetReference(at);
                ref var c = ref MemoryMarshal.GetReference(below);
                Vector256<float> o = Vector256.Create(outer), m = Vector256.Create(middle), e = Vector256.Create(east), n = Vector256.Create(north);
                for (; i + Vector256<float>.Count <= width; i += Vector256<float>.Count)
                {
                    Vector256<float> aboveLeft = Vector256.LoadUnsafe(ref a, (nuint)i), aboveRight = Vector256.LoadUnsafe(ref a, (nuint)(i + 2));
                    Vector256<float> belowLeft = Vector256.LoadUnsafe(ref c, (nuint)i), belowRight = Vector256.LoadUnsafe(ref c, (nuint)(i + 2));
                    var acrossAbove = (aboveRight - aboveLeft) * o;
                    var acrossBelow = (belowRight - belowLeft) * o;
                    var across = (Vector256.LoadUnsafe(ref b, (nuint)(i + 2)) - Vector256.LoadUnsafe(ref b, (nuint)i)) * m;
                    (((acrossAbove + across) + acrossBelow) * e).CopyTo(toEast[i..]);
                    var upLeft = (aboveLeft - belowLeft) * o;
                    var upRight = (aboveRight - belowRight) * o;
                    var up = (Vector256.LoadUnsafe(ref a, (nuint)(i + 1)) - Vector256.LoadUnsafe(ref c, (nuint)(i + 1))) * m;
                    (((upLeft + up) + upRight) * n).CopyTo(toNorth[i..]);
                }
            }

            for (; i < width; i++)
            {
                toEast[i] = (((above[i + 2] - above[i]) * outer) + ((at[i + 2] - at[i]) * middle) + ((below[i + 2] - below[i]) * outer)) * east;
                toNorth[i] = (((above[i] - below[i]) * outer) + ((above[i + 1] - below[i + 1]) * middle) + ((above[i + 2] - below[i + 2]) * outer)) * north;
            }
        }

        private void Patched(ValueWindow window, int row, float east, float north, Span<float> toEast, Span<float> toNorth)
        {
            Span<float> patch = stackalloc float[9];
            for (var i = 0; i < toEast.Length; i++)
            {
                if (window.Mask(row + 1)[i + 1] == 0)
                    continue;
                var centre = window.Values(row + 1)[i + 1];
                for (var k = 0; k < 9; k++)
                {
                    var line = row + (k / 3);
                    var col = i + (k % 3);
                    patch[k] = window.Mask(line)[col] == 0 ? centre : window.Values(line)[col];
                }

                Whole(patch[..3], patch[3..6], patch[6..], east, north, toEast.Slice(i, 1), toNorth.Slice(i, 1));
            }
        }
    }
}
