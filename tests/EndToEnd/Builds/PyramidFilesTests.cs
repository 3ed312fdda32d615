namespace Grid.EndToEnd.Tests.Builds;

/// <summary>Descriptor and list as ROK4's pyramid specification wants them, and every slab where its rule puts it.</summary>
[Collection("grid")]
public sealed class PyramidFilesTests(SharedGrid shared)
{
    private StoredPyramid Pyramid => StoredPyramid.Read(shared.Grid, shared.Pyramid);

    [Fact]
    public void Descriptor_names_set_format_channels_and_levels()
    {
        var pyramid = Pyramid;
        Assert.Equal("PM", (string?)pyramid.Descriptor["tile_matrix_set"]);
        Assert.Equal("TIFF_PNG_UINT8", (string?)pyramid.Descriptor["format"]);
        Assert.Null(pyramid.Descriptor["mask_format"]);
        var raster = pyramid.Descriptor["raster_specifications"]!;
        Assert.Equal((3, "255,255,255", "rgb", "bicubic"), ((int)raster["channels"]!, (string)raster["nodata"]!, (string)raster["photometric"]!, (string)raster["interpolation"]!));
        Assert.Equal(Enumerable.Range(0, 20).Select(level => $"{level}"), pyramid.Levels);
        Assert.All(pyramid.Descriptor["levels"]!.AsArray(), level =>
        {
            Assert.Equal((16, 16), ((int)level!["tiles_per_width"]!, (int)level["tiles_per_height"]!));
            var storage = level["storage"]!;
            Assert.Equal(("FILE", $"{pyramid.Name}/DATA/{level["id"]}", 2), ((string)storage["type"]!, (string)storage["image_directory"]!, (int)storage["path_depth"]!));
        });
    }

    [Fact]
    public void Limits_hold_each_parents_children()
    {
        var pyramid = Pyramid;
        foreach (var (parent, child) in pyramid.Levels.Zip(pyramid.Levels.Skip(1)))
        {
            var (below, above) = (pyramid.Limits(child), pyramid.Limits(parent));
            Assert.Equal((below.MinCol / 2, below.MinRow / 2, below.MaxCol / 2, below.MaxRow / 2), above);
        }
    }

    [Fact]
    public void List_names_every_slab_once_and_nothing_else()
    {
        var pyramid = Pyramid;
        var (header, entries) = pyramid.List();
        Assert.StartsWith("0=", header.Single());
        Assert.EndsWith(pyramid.Name, header.Single());
        Assert.Equal(pyramid.Slabs.Keys.Select(slab => "0/" + slab), entries.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Slabs_lie_where_their_tiles_are_looked_for()
    {
        var pyramid = Pyramid;
        foreach (var level in pyramid.Levels)
        {
            var (minCol, minRow, maxCol, maxRow) = pyramid.Limits(level);
            var places = from col in Range(minCol, maxCol) from row in Range(minRow, maxRow) select pyramid.SlabOf(level, col, row);
            var there = Directory.EnumerateFiles(Path.Combine(pyramid.Folder, pyramid.Name, "DATA", level), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
            Assert.Empty(there.Except(places.Distinct()));
            Assert.NotEmpty(there);
        }
    }

    private static IEnumerable<long> Range(long first, long last)
    {
        for (var number = first; number <= last; number++)
            yield return number;
    }
}
