using Grid.Imaging.Codecs;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Pyramids;

public class RegionBuildTests
{
    private const double OriginX = 249_984;
    private const double OriginY = 6_250_000;
    private static readonly SlabSize _size = new(4, 4);
    private static readonly TileMatrixSet _quad = Set();

    public static TheoryData<TileCompression, SampleType, int, bool> Formats() => new()
    {
        { TileCompression.Raw, SampleType.UInt8, 3, true },
        { TileCompression.Png, SampleType.UInt8, 4, false },
        { TileCompression.Zip, SampleType.Float32, 1, true },
        { TileCompression.Jpeg90, SampleType.UInt8, 3, false },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Number_of_threads_and_of_runs_does_not_change_a_byte(TileCompression compression, SampleType sample, int channels, bool mask)
    {
        var format = Format(compression, new PixelFormat(sample, channels), mask);
        using var picture = Dalle(format.Slab.Pixels);
        var (plan, sources) = Plan(picture, _quad, "6", "0");

        var one = Build(plan, format, sources, () => new MercatorToLambert93(), 1);
        var two = Build(plan, format, sources, () => new MercatorToLambert93(), 2);
        var again = Build(plan, format, sources, () => new MercatorToLambert93(), 1);

        Assert.Equal(plan.Slabs, one.Count);
        Assert.Equal(plan.Levels.Count, one.Keys.Select(slab => slab.Level).Distinct().Count());
        foreach (var (slab, built) in one)
        {
            Assert.Equal(built.Data, two[slab].Data);
            Assert.Equal(built.Mask, two[slab].Mask);
            Assert.Equal(built.Data, again[slab].Data);
            Assert.Equal(mask && built.Data.Length > 0, built.Mask.Length > 0);
        }
    }

    /// <summary>The upper tiers are made from what the regions below hand over: with mask slabs in the pyramid, and without.</summary>
    [Theory]
    [InlineData(TileCompression.Zip, true, 1)]
    [InlineData(TileCompression.Png, false, 1)]
    [InlineData(TileCompression.Zip, true, 0.8)]
    public void Every_parent_is_the_mean_of_its_children_pixel_for_pixel(TileCompression compression, bool mask, double gamma)
    {
        var format = Format(compression, new PixelFormat(SampleType.UInt8, 3), mask) with { Gamma = GammaTable.Of(gamma) };
        using var picture = Dalle(format.Slab.Pixels);
        var (plan, sources) = Plan(picture, _quad, "6", "0");
        var slabs = Build(plan, format, sources, () => new MercatorToLambert93(), 1);
        Assert.True(plan.Tiers.Count > 1);

        byte[] corrected = [.. Enumerable.Range(0, 256).Select(value => (byte)Math.Round(255 - (255 * Math.Pow((255 - value) / 255.0, gamma))))];
        var compared = 0;
        for (var level = 5; level >= 0; level--)
        {
            var limits = plan.Levels.Single(l => l.Level == level.ToString()).TileLimits;
            for (var row = limits.MinRow; row <= limits.MaxRow; row++)
            {
                for (var col = limits.MinCol; col <= limits.MaxCol; col++)
                {
                    using var expected = Raster.Rent(256, 256, format.Slab.Pixels);
                    expected.Mask.Clear();
                    for (var i = 0; i < 4; i++)
                    {
                        using var child = Tile(slabs, format, (level + 1).ToString(), (2 * col) + (i % 2), (2 * row) + (i / 2));
                        if (child is not null)
                            Decimation.Halve(child, expected, i % 2, i / 2);
                    }

                    for (var i = 0; i < expected.Pixels.Length; i++)
                        expected.Pixels[i] = corrected[expected.Pixels[i]];

                    using var tile = Tile(slabs, format, level.ToString(), col, row);
                    Assert.Equal(tile is not null, expected.Mask.ContainsAnyExcept((byte)0));
                    if (tile is null)
                        continue;
                    compared++;
                    Assert.True(tile.Mask.SequenceEqual(expected.Mask));
                    for (var i = 0; i < tile.Mask.Length; i++)
                        Assert.True(tile.Pixels.Slice(3 * i, 3).SequenceEqual(tile.Mask[i] == 0 ? [255, 255, 255] : expected.Pixels.Slice(3 * i, 3)));
                }
            }
        }

        Assert.True(compared > 20);
    }

    [Fact]
    public void Every_level_of_a_JPEG_pyramid_is_made_from_pixels_that_were_never_compressed()
    {
        var pixels = new PixelFormat(SampleType.UInt8, 3);
        PyramidBuildFormat exact = Format(TileCompression.Zip, pixels, true), jpeg = Format(TileCompression.Jpeg90, pixels, false);
        using var picture = Dalle(pixels);
        var (plan, sources) = Plan(picture, _quad, "6", "0");
        Assert.True(plan.Tiers.Count > 1);

        var expected = Build(plan, exact, sources, () => new MercatorToLambert93(), 1);
        var built = Build(plan, jpeg, sources, () => new MercatorToLambert93(), 1);

        using var encoder = TileEncoder.Create(TileCompression.Jpeg90, pixels, 256, 256);
        var samples = new byte[256 * 256 * 3];
        foreach (var (slab, (tiles, data, _)) in expected)
        {
            Assert.Equal(tiles, built[slab].Tiles);
            if (tiles == 0)
                continue;
            SlabReader reader = new(data), ours = new(built[slab].Data);
            for (var number = 0; number < _size.Tiles; number++)
            {
                var expectedBytes = reader.TryDecode(number, samples) ? encoder.Encode(samples) : default;
                Assert.True(expectedBytes.SequenceEqual(ours.TileBytes(number).Span), $"tile {number} of {slab}");
            }
        }
    }

    [Theory]
    [InlineData(TileCompression.Png)]
    [InlineData(TileCompression.Jpeg90)]
    public void Levels_that_are_no_halves_show_a_lot_smaller_than_their_pixels(TileCompression compression)
    {
        // Ratios drift from 2, and the lot is on no corner of the coarse pixels.
        var set = new TileMatrixSet("DRIFT", "EPSG:2154",
            [.. Enumerable.Range(0, 9).Select(level => new TileMatrix(level.ToString(), Math.Pow(2.01, 8 - level), 0, 100_000, 1L << level, 1L << level))]);
        var format = Format(compression, new PixelFormat(SampleType.UInt8, 3), false);
        using var picture = Raster.Rent(40, 40, format.Slab.Pixels);
        Pictures.Fill(picture, (_, _, _) => 90);
        var source = new MemorySource(1100.3, 98_000.4, 1, picture);
        var plan = new PyramidPlan(set, "8", "0", _size, [new Extent(1100.3, 97_960.4, 1140.3, 98_000.4)]);

        var slabs = Build(plan, format, [source], null, 1);

        foreach (var level in plan.Levels)
        {
            Assert.Equal(1, slabs.Where(slab => slab.Key.Level == level.Level).Sum(slab => slab.Value.Tiles));
            var (slab, built) = slabs.Single(slab => slab.Key.Level == level.Level && slab.Value.Tiles > 0);
            var reader = new SlabReader(built.Data);
            var samples = new byte[256 * 256 * 3];
            Assert.Equal(1, Enumerable.Range(0, _size.Tiles).Count(number => reader.TryDecode(number, samples)));

            // A pixel that the lot touches is the lot's grey, however small the part of it; JPEG keeps that where there are more than a few.
            var dark = samples.Count(sample => sample < 200) / 3.0;
            var side = 40 / Math.Pow(2.01, 8 - int.Parse(level.Level));
            Assert.InRange(dark, compression == TileCompression.Png ? 1 : 0, (side + 3) * (side + 3));
            if (compression == TileCompression.Png)
                Assert.DoesNotContain(samples, sample => sample is not (90 or 255));
        }
    }

    [Fact]
    public void Later_sheets_cover_earlier_ones_wherever_they_have_data()
    {
        var format = Format(TileCompression.Raw, new PixelFormat(SampleType.UInt8, 1), true);
        using Raster below = Raster.Rent(512, 512, format.Slab.Pixels), above = Raster.Rent(512, 512, format.Slab.Pixels);
        Pictures.Fill(below, (_, _, _) => 10);
        Pictures.Fill(above, (_, _, _) => 200);
        for (var i = 0; i < 512 * 512; i++)
            above.Mask[i] = i % 512 < 300 ? (byte)255 : (byte)0;
        above.IsFull = false;
        var matrix = _quad.Find("6")!;
        IRasterSource[] sources =
        [
            new MemorySource(matrix.OriginX, matrix.OriginY, matrix.CellSize, below), new MemorySource(matrix.OriginX, matrix.OriginY, matrix.CellSize, above),
        ];
        var plan = new PyramidPlan(_quad, "6", "6", _size, [matrix.TileExtent(0, 0, 2, 2)]);

        var slabs = Build(plan, format, sources, null, 1);

        using var left = Tile(slabs, format, "6", 0, 0);
        using var right = Tile(slabs, format, "6", 1, 1);
        Assert.True(left!.Pixels.IndexOfAnyExcept((byte)200) < 0);
        Assert.True(right!.Pixels[..44].IndexOfAnyExcept((byte)200) < 0);
        Assert.True(right.Pixels.Slice(44, 212).IndexOfAnyExcept((byte)10) < 0);
        using var outside = Tile(slabs, format, "6", 2, 2);
        Assert.Null(outside);
    }

    [Fact]
    public void Levels_that_are_no_halves_are_resampled_from_the_level_below()
    {
        // Five times coarser, then twice: the elevation sets' kind of steps, nearest neighbour only.
        var set = new TileMatrixSet("STEPS", "EPSG:2154",
        [
            new TileMatrix("0", 10, -5, 10_005, 8, 8), new TileMatrix("1", 5, -2.5, 10_002.5, 16, 16), new TileMatrix("2", 1, -0.5, 10_000.5, 80, 80),
        ]);
        var format = new PyramidBuildFormat(
            new SlabFormat(TileCompression.Zip, new PixelFormat(SampleType.Float32, 1), _size, [-99999]), false, Interpolation.Nearest);
        using var picture = Raster.Rent(2000, 2000, format.Slab.Pixels);
        Pictures.Fill(picture, (x, y, _) => (y * 2000) + x);
        var source = new MemorySource(-0.5, 10_000.5, 1, picture);
        var plan = new PyramidPlan(set, "2", "0", _size, [new Extent(-0.5, 8000.5, 1999.5, 10_000.5)]);
        Assert.Equal(3, plan.Tiers.Count);

        var slabs = Build(plan, format, [source], null, 1);

        using var tile = Tile(slabs, format, "0", 0, 0);
        var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(tile!.Pixels).ToArray();
        for (var y = 0; y < 200; y++)
        {
            for (var x = 0; x < 200; x++)
                Assert.Equal((y * 10 * 2000) + (x * 10), values[(y * 256) + x]);
        }
    }

    [Fact]
    public void Slabs_outside_the_sources_are_skipped_without_reads()
    {
        var format = Format(TileCompression.Raw, new PixelFormat(SampleType.UInt8, 1), false);
        using var picture = Raster.Rent(16, 16, format.Slab.Pixels);
        Pictures.Fill(picture, (_, _, _) => 10);
        var matrix = _quad.Find("6")!;
        var source = new MemorySource(matrix.OriginX + 100, matrix.OriginY - 100, matrix.CellSize, picture);
        var plan = new PyramidPlan(_quad, "6", "0", _size, [new Extent(matrix.OriginX + 100, matrix.OriginY - 101, matrix.OriginX + 101, matrix.OriginY - 100)]);

        var slabs = Build(plan, format, [source], null, 1);

        Assert.Equal(7, slabs.Count);
        Assert.Equal(1, source.Reads);
        Assert.All(slabs.Values, slab => Assert.Equal(1, slab.Tiles));
    }

    [Fact]
    public void Raster_that_cannot_be_read_spoils_its_slab_alone()
    {
        var format = Format(TileCompression.Raw, new PixelFormat(SampleType.UInt8, 3), false);
        using var picture = Dalle(format.Slab.Pixels);
        var (plan, sources) = Plan(picture, _quad, "6", "4");
        var broken = new BrokenSource(sources[0]);
        using var build = RegionBuild.FromRasters(plan, plan.Regions(plan.Tiers[0]).First(), format, [broken], () => new MercatorToLambert93());

        int failed = 0, made = 0;
        while (build.TryBuildNext(default, out var slab))
        {
            using (slab)
            {
                failed += slab.Failure is null ? 0 : 1;
                made += slab.Tiles > 0 ? 1 : 0;
            }
        }

        Assert.Equal(1, failed);
        Assert.True(made > 2);
    }

    [Fact]
    public void Bottom_level_far_coarser_than_the_rasters_is_made_in_parts()
    {
        var format = Format(TileCompression.Raw, new PixelFormat(SampleType.UInt8, 1), false);
        var source = new EndlessSource(0.05);
        var matrix = _quad.Find("3")!;
        var plan = new PyramidPlan(_quad, "3", "3", new SlabSize(1, 1), [matrix.TileExtent(0, 0)]);
        var one = new PyramidBuildFormat(new SlabFormat(TileCompression.Raw, format.Slab.Pixels, new SlabSize(1, 1), [0]), false, Interpolation.Nearest);

        var slabs = Build(plan, one, [source], null, 1);

        Assert.True(source.LargestWindowBytes <= 64 << 20);
        using var tile = Tile(slabs, one, "3", 0, 0);
        Assert.True(tile!.Pixels.IndexOfAnyExcept((byte)100) < 0);
    }

    internal static Dictionary<SlabIndex, (int Tiles, byte[] Data, byte[] Mask)> Build(
        PyramidPlan plan, PyramidBuildFormat format, IReadOnlyList<IRasterSource> sources, Func<ICoordinateTransform>? transform, int threads)
    {
        var slabs = new Dictionary<SlabIndex, (int Tiles, byte[] Data, byte[] Mask)>();
        var handovers = new Dictionary<(SlabIndex, StoredPart), byte[]>();
        foreach (var tier in plan.Tiers)
        {
            foreach (var region in plan.Regions(tier))
            {
                using var build = tier.SourceLevel is null
                    ? RegionBuild.FromRasters(plan, region, format, sources, transform, threads)
                    : RegionBuild.FromStoredLevel(plan, region, format, Stored, threads);
                long count = 0;
                while (build.TryBuildNext(default, out var slab))
                {
                    using (slab)
                    {
                        Assert.Null(slab.Failure);
                        slabs.Add(slab.Slab, (slab.Tiles, slab.Data.Memory.ToArray(), slab.Mask?.Memory.ToArray() ?? []));
                        if (slab.Handover?.Halves is { } halves)
                            handovers.Add((slab.Slab, StoredPart.HandoverHalves), halves.Memory.ToArray());
                        if (slab.Handover?.Mask is { } handoverMask)
                            handovers.Add((slab.Slab, StoredPart.HandoverMask), handoverMask.Memory.ToArray());
                        count++;
                    }
                }

                Assert.Equal(plan.SlabsOf(region), count);
            }
        }

        return slabs;

        ReadOnlyMemory<byte>? Stored(SlabIndex slab, StoredPart part) => part switch
        {
            StoredPart.Data or StoredPart.Mask => (part == StoredPart.Mask ? slabs[slab].Mask : slabs[slab].Data) is { Length: > 0 } bytes ? bytes : null,
            _ => handovers.TryGetValue((slab, part), out var bytes) ? bytes : null,
        };
    }

    private static Raster? Tile(
        Dictionary<SlabIndex, (int Tiles, byte[] Data, byte[] Mask)> slabs, PyramidBuildFormat format, string level, long col, long row)
    {
        if (!slabs.TryGetValue(format.Slab.Size.SlabOf(level, col, row), out var slab) || slab.Data.Length == 0)
            return null;
        var tile = Raster.Rent(256, 256, format.Slab.Pixels);
        tile.Mask.Fill(255);
        var number = format.Slab.Size.TileNumber(col, row);
        if (!new SlabReader(slab.Data).TryDecode(number, tile.Pixels))
        {
            tile.Dispose();
            return null;
        }

        if (slab.Mask.Length > 0)
            new SlabReader(slab.Mask).TryDecode(number, tile.Mask);
        for (var i = 0; !format.Mask && format.Slab.Pixels.Sample == SampleType.UInt8 && i < tile.Mask.Length; i++)
        {
            var pixel = tile.Pixels.Slice(i * format.Slab.Pixels.Channels, format.Slab.Pixels.Channels);
            tile.Mask[i] = pixel.ContainsAnyExcept((byte)255) ? (byte)255 : (byte)0;
        }

        tile.IsFull = !tile.Mask.ContainsAnyExcept((byte)255);
        return tile;
    }

    private static PyramidBuildFormat Format(TileCompression compression, PixelFormat pixels, bool mask) => new(
        new SlabFormat(compression, pixels, _size, Enumerable.Repeat(255.0, pixels.Channels).ToArray()), mask, Interpolation.Bicubic);

    /// <summary>A quad tree of seven levels near Paris, 0.3 m at the bottom.</summary>
    private static TileMatrixSet Set() => new("TEST", "EPSG:3857",
        [.. Enumerable.Range(0, 7).Select(level => new TileMatrix(
            level.ToString(), 0.3 * (1 << (6 - level)), OriginX, OriginY, 1L << level, 1L << level))]);

    /// <summary>A dalle of 2,400 pixels, about 1.6 slabs wide, with an irregular edge.</summary>
    private static Raster Dalle(PixelFormat format)
    {
        var picture = Pictures.Waves(2400, 2400, format);
        for (var y = 0; y < 2400; y++)
        {
            var cut = 300 + (int)(200 * Math.Sin(y * 0.01));
            picture.Mask.Slice(y * 2400, cut).Clear();
        }

        picture.IsFull = false;
        return picture;
    }

    private static (PyramidPlan Plan, IRasterSource[] Sources) Plan(Raster picture, TileMatrixSet set, string bottom, string top)
    {
        double[] x = [OriginX + 100], y = [OriginY - 150];
        new MercatorToLambert93().Transform(x, y);
        var source = new MemorySource(x[0], y[0], 0.2, picture);
        return (new PyramidPlan(set, bottom, top, _size, [new Extent(OriginX + 50, OriginY - 920, OriginX + 880, OriginY - 100)]), [source]);
    }

    /// <summary>Fails at its second read.</summary>
    private sealed class BrokenSource(IRasterSource inner) : IRasterSource
    {
        private int _reads;

        public PixelGrid Grid => inner.Grid;

        public PixelFormat Format => inner.Format;

        public bool Read(long col, long row, Raster window, CancellationToken cancellation) => ++_reads == 2
            ? throw new UnreadableRasterException("dalle 7", "the file ends early")
            : inner.Read(col, row, window, cancellation);
    }

    /// <summary>Plain 100 everywhere in the test's set.</summary>
    private sealed class EndlessSource(double cell) : IRasterSource
    {
        public PixelGrid Grid { get; } = new(OriginX - 1000, OriginY + 1000, cell, cell, 1 << 20, 1 << 20);

        public PixelFormat Format => new(SampleType.UInt8, 1);

        public long LargestWindowBytes { get; private set; }

        public bool Read(long col, long row, Raster window, CancellationToken cancellation)
        {
            LargestWindowBytes = Math.Max(LargestWindowBytes, window.Pixels.Length);
            window.Pixels.Fill(100);
            window.Mask.Fill(255);
            window.IsFull = true;
            return true;
        }
    }
}
