using System.Text;
using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.Tiling.Tests;

public class PyramidDescriptorTests
{
    private const string Json = """
        {"format":"TIFF_JPG90_UINT8","tile_matrix_set":"PM.json","mask_format":"TIFF_ZIP_UINT8","unknown":{"a":1},
         "raster_specifications":{"channels":3,"nodata":"255,255,255","photometric":"rgb","interpolation":"bicubic"},
         "levels":[{"id":"18","tiles_per_width":16,"tiles_per_height":8,"tile_limits":{"min_row":1,"max_row":2,"min_col":3,"max_col":4},
           "storage":{"type":"FILE","image_directory":"ORTHO/DATA/18","mask_directory":"ORTHO/MASK/18","path_depth":2}},
          {"id":"19","tiles_per_width":16,"tiles_per_height":16,"tile_limits":{"min_row":2,"max_row":5,"min_col":6,"max_col":9},
           "storage":{"type":"S3","bucket_name":"pyramids@here:9000","image_prefix":"ORTHO/DATA_19","mask_prefix":"ORTHO/MASK_19"}}]}
        """;

    [Fact]
    public void Descriptor_is_read_and_its_slabs_are_named()
    {
        var pyramid = PyramidDescriptorJson.Read(Encoding.UTF8.GetBytes(Json));
        Assert.Equal("PM", pyramid.TileMatrixSet);
        Assert.Equal(new PyramidFormat("JPG90", "UINT8"), pyramid.Format);
        Assert.True(pyramid.HasMask);
        Assert.Equal([255.0, 255, 255], pyramid.Raster!.NodataValues);
        Assert.Equal(new SlabSize(16, 8), pyramid.Levels[0].Slabs);
        Assert.Equal(new TileLimits(1, 2, 3, 4), pyramid.Levels[0].Limits);
        Assert.Equal("ORTHO/DATA/18/00/05/PF.tif", pyramid.Levels[0].Storage.SlabKey(SlabKind.Data, 25, 195));
        Assert.Equal("ORTHO/MASK/18/00/05/PF.tif", pyramid.Levels[0].Storage.SlabKey(SlabKind.Mask, 25, 195));
        Assert.Equal("ORTHO/DATA_19_25_195", pyramid.Levels[1].Storage.SlabKey(SlabKind.Data, 25, 195));
        Assert.Equal("ORTHO/MASK_19_25_195", pyramid.Levels[1].Storage.SlabKey(SlabKind.Mask, 25, 195));
    }

    [Fact]
    public void Descriptor_written_again_has_the_same_members_without_the_unknown_ones()
    {
        var expected = JsonNode.Parse(Json)!.AsObject();
        expected.Remove("unknown");
        expected["tile_matrix_set"] = "PM";
        var written = PyramidDescriptorJson.Write(PyramidDescriptorJson.Read(Encoding.UTF8.GetBytes(Json)));
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(written)));
    }

    [RealDataFact]
    public void Real_raster_descriptor_written_again_has_the_same_members()
    {
        var file = File.ReadAllBytes(RealData.PathOf("raster/rok4_pyramids/TIFF_ZIP_FLOAT32.json"));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(file), JsonNode.Parse(PyramidDescriptorJson.Write(PyramidDescriptorJson.Read(file)))));
    }

    [Theory]
    [InlineData("TIFF_JPG90_UINT8", "TIFF_JPG90_FLOAT32", "Format")]
    [InlineData("\"min_row\":1", "\"min_row\":3", "tile_limits of level 18")]
    [InlineData("\"min_row\":1", "\"min_row\":-1", "min_row of level 18 is -1")]
    [InlineData("\"tiles_per_width\":16,\"tiles_per_height\":8", "\"tiles_per_width\":0,\"tiles_per_height\":8", "1 to 4096")]
    [InlineData("\"tiles_per_width\":16,\"tiles_per_height\":8", "\"tiles_per_width\":4096,\"tiles_per_height\":4096", "262144 at most")]
    [InlineData("ORTHO/DATA/18", "../../etc", "relative")]
    [InlineData("ORTHO/DATA/18", "/etc", "relative")]
    [InlineData("255,255,255", "255,255", "3 numbers")]
    [InlineData("\"id\":\"19\"", "\"id\":\"18\"", "same level twice")]
    [InlineData("\"type\":\"S3\"", "\"type\":\"FTP\"", "FILE, S3, SWIFT and CEPH")]
    [InlineData("\"path_depth\":2", "\"path_depth\":\"2\"", "path_depth of level 18")]
    public void Broken_descriptor_is_refused_with_the_place(string part, string replacement, string reason)
    {
        var error = Assert.Throws<InvalidPyramidException>(
            () => PyramidDescriptorJson.Read(Encoding.UTF8.GetBytes(Json.Replace(part, replacement, StringComparison.Ordinal))));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jpg90", "uint8", "image/jpeg", "jpg", null)]
    [InlineData("png", "UINT8", "image/png", "png", null)]
    [InlineData("raw", "FLOAT32", "image/x-bil;bits=32", "bil", null)]
    [InlineData("zip", "FLOAT32", "image/x-bil;bits=32", "bil", "deflate")]
    [InlineData("none", "UINT8", "image/tiff", "tif", null)]
    [InlineData("zip", "UINT8", "image/tiff", "tif", null)]
    public void Formats_tell_how_tiles_are_served(string compression, string sample, string mime, string extension, string? encoding)
    {
        var format = PyramidFormat.Of(compression, sample);
        Assert.Equal((mime, extension, encoding), (format.MimeType, format.FileExtension, format.ContentEncoding));
        Assert.Equal(format, PyramidFormat.Parse(format.Name));
    }

    [Fact]
    public void Formats_that_rok4_lacks_are_refused() => Assert.Throws<InvalidPyramidException>(() => PyramidFormat.Of("jpg", "FLOAT32"));

    [Fact]
    public void List_is_read_and_written_line_by_line()
    {
        const string Text = "0=ORTHO\n1=/old/ORTHO\n#\n0/DATA/18/00/05/PF.tif\n1/DATA_19_3_4 0cc175b9c0f1b6a831c399e269772661\n";
        var (roots, slabs) = PyramidList.Read(new StringReader(Text));
        PyramidListEntry[] entries = [.. slabs];
        Assert.Equal([new(0, "DATA/18/00/05/PF.tif"), new(1, "DATA_19_3_4", "0cc175b9c0f1b6a831c399e269772661")], entries);
        using var writer = new StringWriter();
        PyramidList.WriteHeader(writer, roots);
        foreach (var entry in entries)
            PyramidList.Write(writer, entry);
        Assert.Equal(Text, writer.ToString());
    }

    [RealDataFact]
    public void Real_list_names_a_slab_that_exists()
    {
        var file = RealData.PathOf("raster/rok4_pyramids/TIFF_PBF_MVT.list");
        using var reader = new StreamReader(file);
        var (roots, slabs) = PyramidList.Read(reader);
        var slab = Assert.Single(slabs);
        Assert.True(SlabNaming.TryParseFileKey(slab.Path, out _, out _));
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(file)!, roots[slab.Root], slab.Path)));
    }

    [Theory]
    [InlineData("0=A\n", "ends at line 2")]
    [InlineData("0=A\n0=B\n#\n", "Line 2")]
    [InlineData("0=A\n#\n3/x\n", "Line 3")]
    [InlineData("0=A\n#\nx\n", "Line 3")]
    public void Broken_list_is_refused_with_the_line(string text, string reason)
    {
        var error = Assert.Throws<InvalidPyramidException>(() => PyramidList.Read(new StringReader(text)).Slabs.ToArray());
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
