using Grid.Fixtures;

namespace Grid.Tiling.Tests;

public class SlabNamingTests
{
    [Theory]
    [InlineData(25, 195, 2, "00/05/PF.tif")]
    [InlineData(1374, 20268, 2, "1F/2N/60.tif")]
    [InlineData(0, 0, 2, "00/00/00.tif")]
    [InlineData(0, 0, 0, "00.tif")]
    [InlineData(35, 36, 1, "01/Z0.tif")]
    [InlineData(46656, 1, 2, "1000/00/01.tif")]
    public void Columns_and_rows_are_interleaved_in_base_36(long col, long row, int depth, string path)
    {
        Assert.Equal(path, SlabNaming.FilePath(col, row, depth));
        Assert.True(SlabNaming.TryParseFileKey("DATA/8/" + path, out var kind, out var slab));
        Assert.Equal((SlabKind.Data, new SlabIndex("8", col, row)), (kind, slab));
    }

    [RealDataFact]
    public void Slabs_of_a_real_pyramid_are_found_where_its_descriptor_says()
    {
        var root = RealData.PathOf("raster/rok4_pyramids");
        foreach (var descriptor in Directory.GetFiles(root, "*.json"))
        {
            var pyramid = PyramidDescriptorJson.Read(File.ReadAllBytes(descriptor));
            var level = Assert.Single(pyramid.Levels);
            var existing = level.Slabs.SlabsOf(level.Limits).Slabs(level.Id)
                .Where(slab => File.Exists(Path.Combine(root, level.Storage.SlabKey(SlabKind.Data, slab.Col, slab.Row))));
            Assert.Single(existing);
        }
    }

    [Theory]
    [InlineData(SlabKind.Data, "8", 1374, 20268, "DATA_8_1374_20268")]
    [InlineData(SlabKind.Mask, "a_b", 0, 7, "MASK_a_b_0_7")]
    public void Object_names_are_decimal(SlabKind kind, string level, long col, long row, string key)
    {
        Assert.Equal(key, SlabNaming.ObjectKey(kind, new SlabIndex(level, col, row)));
        Assert.True(SlabNaming.TryParseObjectKey(key, out var readKind, out var slab));
        Assert.Equal((kind, new SlabIndex(level, col, row)), (readKind, slab));
    }

    [Fact]
    public void Random_slabs_keep_their_index_through_either_name()
    {
        var random = new Random(8);
        for (var i = 0; i < 2000; i++)
        {
            var slab = new SlabIndex("19", random.NextInt64(1L << random.Next(1, 34)), random.NextInt64(1L << random.Next(1, 34)));
            var depth = random.Next(0, 6);
            Assert.True(SlabNaming.TryParseFileKey(SlabNaming.FileKey(SlabKind.Mask, slab, depth), out var kind, out var read));
            Assert.Equal((SlabKind.Mask, slab), (kind, read));
            Assert.True(SlabNaming.TryParseObjectKey(SlabNaming.ObjectKey(SlabKind.Data, slab), out _, out read));
            Assert.Equal(slab, read);
        }
    }

    [Theory]
    [InlineData("DATA/8/1F/2N/6.tif")]
    [InlineData("DATA/8/1F/2N/60.png")]
    [InlineData("DATA/8/1F//60.tif")]
    [InlineData("DATA/8/.tif")]
    [InlineData("DATA/8/1f/60.tif")]
    [InlineData("DATA//60.tif")]
    [InlineData("DATA/8/1F/2N/.tif")]
    [InlineData("OTHER/8/60.tif")]
    [InlineData("")]
    public void Other_paths_are_not_slabs(string key) => Assert.False(SlabNaming.TryParseFileKey(key, out _, out _));

    [Theory]
    [InlineData("DATA_8_1")]
    [InlineData("DATA__1_2")]
    [InlineData("DATA_8_-1_2")]
    [InlineData("DATA/8/60.tif")]
    public void Other_names_are_not_slabs(string key) => Assert.False(SlabNaming.TryParseObjectKey(key, out _, out _));

    [Fact]
    public void Negative_indices_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => SlabNaming.FilePath(-1, 0));
}
