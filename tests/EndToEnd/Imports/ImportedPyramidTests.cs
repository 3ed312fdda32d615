using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Producer;
using Grid.Cli.Reports;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Imports;

/// <summary>Pyramids that were built elsewhere, delivered as they are and served: every compression, older headers, other tile sizes, links.</summary>
[Collection("grid")]
public sealed class ImportedPyramidTests(SharedGrid shared) : IDisposable
{
    private const int Col = 16600, Row = 11300;

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-imports-").FullName;

    [RealDataFact]
    public async Task A_real_pyramid_of_heights_is_served_with_the_values_that_gdal_reads_in_its_slab()
    {
        var layer = await ImportAsync(RealData.PathOf("raster/rok4_pyramids/TIFF_ZIP_FLOAT32.json"), "mnt_972");
        var slab = RealData.PathOf("raster/rok4_pyramids/TIFF_ZIP_FLOAT32/DATA/8/1F/2N/60.tif");
        var flat = Temporary("slab.flat");
        (await Programs.RunAsync("gdal_translate", ["-q", "-of", "ENVI", "-srcwin", "256", "0", "256", "256", slab, flat])).Expect();
        var tile = new KvpTile(layer, "image/x-bil;bits=32", "UTM20W84MART_1M_MNT", "8", 2749, 40536);
        using var response = await shared.Http.GetAsync(tile.Address());
        Assert.Equal("deflate", Assert.Single(response.Content.Headers.ContentEncoding));
        using var inflated = new MemoryStream();
        await using (var zlib = new ZLibStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress))
            await zlib.CopyToAsync(inflated);
        Assert.Equal(await File.ReadAllBytesAsync(flat), inflated.ToArray());
    }

    [RealDataFact]
    public async Task A_real_pyramid_of_vector_tiles_is_refused_for_what_it_is()
    {
        var refused = await Assert.ThrowsAsync<DeliveryException>(() => ImportAsync(RealData.PathOf("raster/rok4_pyramids/TIFF_PBF_MVT.json"), "vector"));
        Assert.Contains("format TIFF_PBF_MVT holds vector tiles; raster pyramids are imported", refused.Message);
    }

    [Theory]
    [InlineData("RAW", "UINT8", 3, 16)]
    [InlineData("ZIP", "UINT8", 1, 14)]
    [InlineData("LZW", "UINT8", 3, 16)]
    [InlineData("PKB", "UINT8", 1, 14)]
    [InlineData("PNG", "UINT8", 4, 14)]
    [InlineData("JPG", "UINT8", 3, 14)]
    [InlineData("JPG90", "UINT8", 3, 16)]
    [InlineData("RAW", "FLOAT32", 1, 14)]
    [InlineData("ZIP", "FLOAT32", 1, 16)]
    [InlineData("LZW", "FLOAT32", 1, 16)]
    [InlineData("PKB", "FLOAT32", 1, 14)]
    public async Task Every_compression_is_served_as_it_is_stored(string compression, string sample, int channels, int directory)
    {
        var picture = await PictureAsync(sample == "FLOAT32", channels, 256);
        var tile = await TileAsync(picture, compression, 256);
        var slab = Rok4Slab.Write(directory, 2, 256, NumberOf(compression), channels, sample == "FLOAT32" ? 32 : 8, sample == "FLOAT32" ? 3 : 1, null, null, null, tile);
        var name = $"{compression}_{sample}".ToLowerInvariant();
        WriteSlab($"TIFF_{compression}_{sample}", channels, name, slab);
        var layer = await ImportAsync(Temporary($"{name}.json"), name);

        var (format, extension) = FormatOf(compression, sample);
        var address = new KvpTile(layer, format, "PM", "15", Col + 1, Row + 1);
        using var response = await shared.Http.GetAsync(address.Address());
        Assert.Equal(format, response.Content.Headers.ContentType!.ToString());
        var served = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(tile, served[^tile.Length..]);
        Assert.Equal(404, (int)(await shared.Http.GetAsync((address with { Col = Col }).Address())).StatusCode);
        var value = (await Programs.RunAsync("gdallocationinfo", ["-valonly", "-b", "1", await ReadableAsync(served, extension, picture), "100", "30"])).Expect();
        var info = await shared.Http.GetStringAsync(address.Address(("REQUEST", "GetFeatureInfo"), ("I", "100"), ("J", "30"), ("INFOFORMAT", "application/json")));
        Assert.Equal(double.Parse(value, CultureInfo.InvariantCulture), (double)JsonNode.Parse(info)!["features"]![0]!["properties"]!["band_1"]!, 0.0051);
    }

    [Fact]
    public async Task Tiles_of_another_size_are_served()
    {
        var picture = await PictureAsync(false, 3, 512);
        var tile = await TileAsync(picture, "PNG", 512);
        var storage = new JsonObject { ["type"] = "S3", ["bucket_name"] = "b", ["image_prefix"] = "suisse/DATA_11" };
        WriteDescriptor("TIFF_PNG_UINT8", 3, "suisse", storage, 700, 700, ("SwissCH1903_28mm", "11", 1, 500));
        Directory.CreateDirectory(Temporary("suisse"));
        await File.WriteAllBytesAsync(Temporary("suisse/DATA_11_700_500"), Rok4Slab.Write(14, 1, 512, 8, 3, 8, 1, tile));
        var layer = await ImportAsync(Temporary("suisse.json"), "suisse");
        Assert.Equal(tile, await shared.Http.GetByteArrayAsync(new KvpTile(layer, "image/png", "SwissCH1903_28mm", "11", 700, 500).Address()));
    }

    [Fact]
    public async Task Links_of_files_and_of_objects_are_followed_once()
    {
        var tile = await TileAsync(await PictureAsync(false, 1, 256), "PNG", 256);
        var slab = Rok4Slab.Write(16, 2, 256, 8, 1, 8, 1, null, null, null, tile);
        WriteSlab("TIFF_PNG_UINT8", 1, "linked", slab);
        var own = Path.Combine(_folder, SlabPath("linked"));
        File.Move(own, Temporary("elsewhere.tif"));
        File.CreateSymbolicLink(own, Temporary("elsewhere.tif"));
        var layer = await ImportAsync(Temporary("linked.json"), "linked");
        Assert.Equal(tile, await shared.Http.GetByteArrayAsync(new KvpTile(layer, "image/png", "PM", "15", Col + 1, Row + 1).Address()));

        // The same as objects: a bucket copied to a folder, one of whose slabs stands for the other.
        var storage = new JsonObject { ["type"] = "S3", ["bucket_name"] = "dalles", ["image_prefix"] = "objects/DATA_15" };
        WriteDescriptor("TIFF_PNG_UINT8", 1, "objects", storage, Col, Col + 3);
        Directory.CreateDirectory(Temporary("objects"));
        await File.WriteAllBytesAsync(Temporary($"objects/DATA_15_{Col / 2}_{Row / 2}"), slab);
        await File.WriteAllTextAsync(Temporary($"objects/DATA_15_{(Col / 2) + 1}_{Row / 2}"), $"SYMLINK#dalles/objects/DATA_15_{Col / 2}_{Row / 2}");
        var objects = await ImportAsync(Temporary("objects.json"), "objects");
        foreach (var col in (int[])[Col + 1, Col + 3])
            Assert.Equal(tile, await shared.Http.GetByteArrayAsync(new KvpTile(objects, "image/png", "PM", "15", col, Row + 1).Address()));
    }

    [Theory]
    [InlineData("link", "which the upload does not hold")]
    [InlineData("chain", "which is a link itself")]
    [InlineData("cut", "it was cut")]
    [InlineData("format", "the pyramid has 1 of UInt8, RAW")]
    [InlineData("outside", "lies outside the level's tile_limits")]
    [InlineData("damaged", "PNG")]
    public async Task A_pyramid_that_cannot_be_served_fails_its_check_with_the_reason(string fault, string sentence)
    {
        var tile = await TileAsync(await PictureAsync(false, 1, 256), "PNG", 256);
        var slab = Rok4Slab.Write(16, 2, 256, 8, 1, 8, 1, null, null, null, tile);
        var storage = new JsonObject { ["type"] = "S3", ["bucket_name"] = "b", ["image_prefix"] = "bad/DATA_15" };
        WriteDescriptor(fault == "format" ? "TIFF_RAW_UINT8" : "TIFF_PNG_UINT8", 1, "bad", storage, fault == "outside" ? Col + 10 : Col, Col + 20);
        Directory.CreateDirectory(Temporary("bad"));
        var own = Temporary($"bad/DATA_15_{Col / 2}_{Row / 2}");
        if (fault == "damaged")
            tile.AsSpan(60, 40).Fill(7);
        await (fault switch
        {
            "link" => File.WriteAllTextAsync(own, "SYMLINK#b/../../../secrets.json"),
            "chain" => File.WriteAllTextAsync(own, $"SYMLINK#b/bad/DATA_15_{Col / 2}_{Row / 2}"),
            "cut" => File.WriteAllBytesAsync(own, slab[..^100]),
            "damaged" => File.WriteAllBytesAsync(own, Rok4Slab.Write(16, 2, 256, 8, 1, 8, 1, null, null, null, tile)),
            _ => File.WriteAllBytesAsync(own, slab),
        });
        var refused = await Assert.ThrowsAsync<DeliveryException>(() => ImportAsync(Temporary("bad.json"), $"bad_{fault}"));
        Assert.Contains(sentence, refused.Message);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<string> ImportAsync(string descriptor, string name)
    {
        var pyramid = PyramidFolder.Read(descriptor);
        var options = new DeliveryOptions { Folder = pyramid.Folder, Pyramid = pyramid, Srs = pyramid.Crs, Name = name, PollInterval = TimeSpan.FromMilliseconds(50) };
        var result = await new Delivery(shared.Producer.Api, new PlainReport(TextWriter.Null, TimeProvider.System), options).RunAsync(default);
        // Values of pixels are asked for, too.
        var root = shared.Producer.Datastore;
        var offering = await shared.Producer.Api.GetAsync($"{root}/offerings/{result.Offering}", default);
        var configuration = await shared.Producer.Api.GetAsync($"{root}/configurations/{offering["configuration"]!["_id"]}", default);
        configuration["type_infos"]!["getfeatureinfo"] = new JsonObject { ["stored_data"] = true };
        await shared.Producer.Api.PutAsync($"{root}/configurations/{configuration["_id"]}", configuration, default);
        await shared.Producer.SynchroniseAsync(result.Offering);
        return result.LayerName;
    }

    private void WriteSlab(string format, int channels, string name, byte[] slab)
    {
        WriteDescriptor(format, channels, name, new JsonObject { ["type"] = "FILE", ["image_directory"] = $"{name}/DATA/15", ["path_depth"] = 2 }, Col, Col + 1);
        var path = Path.Combine(_folder, SlabPath(name));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, slab);
    }

    private void WriteDescriptor(
        string format, int channels, string name, JsonObject storage, int minCol, int maxCol, (string Set, string Level, int Side, int Row)? place = null)
    {
        var (set, level, side, row) = place ?? ("PM", "15", 2, Row);
        File.WriteAllText(Temporary($"{name}.json"), new JsonObject
        {
            ["tile_matrix_set"] = set,
            ["format"] = format,
            ["raster_specifications"] = new JsonObject
            {
                ["channels"] = channels, ["nodata"] = string.Join(',', Enumerable.Repeat("0", channels)), ["photometric"] = channels < 3 ? "gray" : "rgb", ["interpolation"] = "bicubic",
            },
            ["levels"] = new JsonArray(new JsonObject
            {
                ["id"] = level, ["tiles_per_width"] = side, ["tiles_per_height"] = side,
                ["tile_limits"] = new JsonObject { ["min_col"] = minCol, ["max_col"] = maxCol, ["min_row"] = row, ["max_row"] = row + side - 1 },
                ["storage"] = storage,
            }),
        }.ToJsonString());
    }

    // Base 36, column and row interleaved: 8300,5650 is 6EK,4CY, so 64/EC/KY.
    private static string SlabPath(string name) => $"{name}/DATA/15/64/EC/KY.tif";

    /// <summary>A picture without two pixels alike nearby, as a TIFF of one tile.</summary>
    private async Task<string> PictureAsync(bool isFloat, int channels, int side)
    {
        var samples = new byte[side * side * channels * (isFloat ? 4 : 1)];
        for (var i = 0; i < side * side * channels; i++)
        {
            if (isFloat)
                BitConverter.TryWriteBytes(samples.AsSpan(4 * i), 100f + (i % 991));
            else
                samples[i] = (byte)(1 + (((i / channels % side) + (i / channels / side) + (i % channels * 40)) % 250));
        }

        var file = Temporary("picture.bin");
        await File.WriteAllBytesAsync(file, samples);
        await File.WriteAllTextAsync(Temporary("picture.hdr"), $"ENVI\nsamples = {side}\nlines = {side}\nbands = {channels}\ndata type = {(isFloat ? 4 : 1)}\ninterleave = bip\nbyte order = 0\n");
        return file;
    }

    private async Task<byte[]> TileAsync(string picture, string compression, int side)
    {
        var tile = Temporary("tile.tmp");
        string[] options = compression switch
        {
            "PNG" => ["-of", "PNG"],
            "JPG" => ["-of", "JPEG", "-co", "QUALITY=75"],
            "JPG90" => ["-of", "JPEG", "-co", "QUALITY=90"],
            _ => ["-of", "GTiff", "-co", "TILED=YES", "-co", $"BLOCKXSIZE={side}", "-co", $"BLOCKYSIZE={side}", "-co", "INTERLEAVE=PIXEL", "-co", $"COMPRESS={compression switch { "RAW" => "NONE", "ZIP" => "DEFLATE", "PKB" => "PACKBITS", _ => compression }}"],
        };
        (await Programs.RunAsync("gdal_translate", ["-q", .. options, picture, tile])).Expect();
        var bytes = await File.ReadAllBytesAsync(tile);
        return options[1] == "GTiff" ? Rok4Slab.OnlyTile(bytes) : bytes;
    }

    // Raw heights are no file that GDAL knows: the picture that they were made of tells their values.
    private async Task<string> ReadableAsync(byte[] served, string extension, string picture)
    {
        if (extension == "bil")
            return picture;
        var file = Temporary($"served.{extension}");
        await File.WriteAllBytesAsync(file, served);
        return file;
    }

    private static (string Format, string Extension) FormatOf(string compression, string sample) => (compression, sample) switch
    {
        ("JPG" or "JPG90", _) => ("image/jpeg", "jpg"),
        ("PNG", _) => ("image/png", "png"),
        ("RAW" or "ZIP", "FLOAT32") => ("image/x-bil; bits=32", "bil"),
        _ => ("image/tiff", "tif"),
    };

    private static int NumberOf(string compression) => compression switch
    {
        "RAW" => 1,
        "LZW" => 5,
        "PKB" => 32773,
        "JPG" or "JPG90" => 7,
        _ => 8,
    };

    private string Temporary(string name) => Path.Combine(_folder, name);
}
