namespace Grid.EndToEnd.Tests.Builds;

/// <summary>Compares two pyramids byte by byte: all slabs and masks, the list, the descriptor; only their names may differ.</summary>
public static class SamePyramids
{
    public static void Check(StoredPyramid first, StoredPyramid second)
    {
        SortedDictionary<string, byte[]> ours = first.Slabs, theirs = second.Slabs;
        Assert.NotEmpty(ours);
        Assert.Equal(ours.Keys, theirs.Keys);
        Assert.All(ours, slab => Assert.True(slab.Value.AsSpan().SequenceEqual(theirs[slab.Key]), $"{slab.Key} differs"));
        Assert.Equal(first.List().Entries, second.List().Entries);
        Assert.Equal(Anonymous(first), Anonymous(second));
    }

    private static string Anonymous(StoredPyramid pyramid) => pyramid.Descriptor.ToJsonString().Replace($"\"{pyramid.Name}/", "\"*/", StringComparison.Ordinal);
}
