using Grid.Imaging.Codecs;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Pyramids;

public class SlabMergeTests
{
    private const int Side = 16;
    private static readonly SlabIndex _place = new("0", 0, 0);
    private static readonly SlabFormat _format = new(TileCompression.Raw, new PixelFormat(SampleType.UInt8, 4), new SlabSize(1, 1), [0, 0, 0, 0], Side, Side);

    [Fact]
    public void Blended_pixels_are_over_one_another_as_Porter_and_Duff_have_it()
    {
        var random = new Random(7);
        byte[] over = new byte[Side * Side * 4], under = new byte[over.Length];
        random.NextBytes(over);
        random.NextBytes(under);
        // Opaque, clear, and nodata too.
        over[3] = 255;
        over[7] = 0;
        over.AsSpan(8, 4).Clear();
        under.AsSpan(12, 4).Clear();

        var merged = Merge(MergeMethod.AlphaTop, over, under);

        for (var i = 0; i < over.Length; i += 4)
        {
            double top = over[i + 3] / 255.0, bottom = under[i + 3] / 255.0 * (1 - top), whole = top + bottom;
            Assert.InRange(merged[i + 3] - (whole * 255), -0.51, 0.51);
            for (var channel = 0; channel < 3 && whole > 0; channel++)
                Assert.InRange(merged[i + channel] - (((over[i + channel] * top) + (under[i + channel] * bottom)) / whole), -0.51, 0.51);
        }
    }

    [Fact]
    public void A_tile_that_shows_nothing_of_those_below_keeps_its_bytes()
    {
        var random = new Random(8);
        byte[] over = new byte[Side * Side * 4], under = new byte[over.Length];
        random.NextBytes(over);
        random.NextBytes(under);
        for (var i = 3; i < over.Length; i += 4)
            over[i] = 255;

        Assert.Equal(over, Merge(MergeMethod.Top, over, under));
        Assert.Equal(over, Merge(MergeMethod.Replace, over, under));
        over.AsSpan(0, 4).Clear();
        Assert.Equal([.. under[..4], .. over[4..]], Merge(MergeMethod.Top, over, under));
    }

    private static byte[] Merge(MergeMethod method, params byte[][] tiles)
    {
        using var merge = new SlabMerge(new PyramidBuildFormat(_format, false, Interpolation.Nearest), _place, [.. tiles.Select(Pyramid)], method);
        Assert.True(merge.TryBuildNext(CancellationToken.None, out var slab));
        using (slab)
        {
            Assert.Null(slab.Failure);
            Assert.Equal(1, slab.Tiles);
            return new SlabReader(slab.Data.Memory.ToArray()).TileBytes(0).ToArray();
        }
    }

    private static MergedPyramid Pyramid(byte[] tile)
    {
        using var writer = new SlabWriter(_format);
        writer.Add(0, tile);
        using var bytes = writer.Finish();
        var slab = bytes.Memory.ToArray();
        return new MergedPyramid(_format, false, (_, part) => part == StoredPart.Data ? slab : (ReadOnlyMemory<byte>?)null);
    }
}
