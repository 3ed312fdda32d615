using System.Buffers.Binary;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.BadInput;

/// <summary>Lots that must not become a pyramid: the checks name the file, say why and what to do; the rest of the lot stays as it is.</summary>
[Collection(SharedGrid.Collection)]
public sealed class BadRasterTests(SharedGrid shared)
{
    private readonly Producer _producer = shared.Producer;

    [Fact]
    public async Task Truncated_tiff_is_named_and_its_good_neighbour_is_kept()
    {
        var folder = shared.NewFolder();
        var good = await new Dalle().WriteAsync(folder, "good.tif");
        var cut = await new Dalle { Place = (700_060, 6_600_060, 700_120, 6_600_000) }.WriteAsync(folder, "cut.tif");
        var bytes = await File.ReadAllBytesAsync(cut);
        await File.WriteAllBytesAsync(cut, bytes[..(bytes.Length / 2)]);
        var upload = await _producer.DepositAsync("truncated", "EPSG:2154", good, cut);

        var ending = await _producer.CheckAsync(upload);

        Assert.Equal("UNSTABLE", ending.Status);
        Assert.Contains("write and deliver it again", ending.Error("cut.tif: "));
        Assert.Contains(ending.Log, line => line.Contains("good.tif: opened and decoded whole", StringComparison.Ordinal));

        // The producer mends the one file; the other need not be sent again.
        Producer.Succeeded(await _producer.PostAsync($"uploads/{upload}/open"));
        Producer.Succeeded(await _producer.DeliverAsync(upload, "cut.tif", bytes));
        Assert.Equal("CLOSED", (await _producer.CheckAsync(upload)).Status);
    }

    [Fact]
    public async Task Text_named_tif_is_not_a_raster()
    {
        var upload = await _producer.OpenUploadAsync("no raster");
        await _producer.DeliverAsync(upload, "notes.tif", "These are the notes of the flight."u8.ToArray());
        var ending = await _producer.CheckAsync(upload);
        Assert.Equal("UNSTABLE", ending.Status);
        Assert.Contains("expected GeoTIFF", ending.Error("notes.tif: it is not a raster"));
    }

    [Fact]
    public async Task Georeferenced_tiff_without_crs_fails_and_a_world_file_is_taken_at_the_delivery_s_word()
    {
        var folder = shared.NewFolder();
        var silent = await new Dalle { Crs = null }.WriteAsync(folder, "silent.tif");
        var ending = await _producer.CheckAsync(await _producer.DepositAsync("no crs", "EPSG:2154", silent));
        Assert.Equal("UNSTABLE", ending.Status);
        Assert.Contains("gdal_edit.py -a_srs EPSG:2154", ending.Error("silent.tif: it is georeferenced but says not in which CRS"));

        var plain = await new Dalle { Crs = null, Place = null }.WriteAsync(folder, "plain.tif");
        var world = Path.Combine(folder, "plain.tfw");
        await File.WriteAllTextAsync(world, "0.2\n0\n0\n-0.2\n700000.1\n6600059.9\n");
        ending = await _producer.CheckAsync(await _producer.DepositAsync("world file", "EPSG:2154", plain, world));
        Assert.Equal("CLOSED", ending.Status);
        Assert.Contains("taken to be in EPSG:2154", ending.Warning("plain.tif: a world file places it"));
    }

    [Fact]
    public async Task Raster_without_any_place_says_how_to_place_it()
    {
        var lost = await new Dalle { Crs = null, Place = null }.WriteAsync(shared.NewFolder(), "lost.tif");
        var ending = await _producer.CheckAsync(await _producer.DepositAsync("no place", "EPSG:2154", lost));
        Assert.Equal("UNSTABLE", ending.Status);
        Assert.Contains("world file", ending.Error("lost.tif: it is not georeferenced"));
    }

    [Fact]
    public async Task Other_crs_than_the_delivery_s_names_both()
    {
        var other = await new Dalle { Crs = "EPSG:32631" }.WriteAsync(shared.NewFolder(), "other.tif");
        var ending = await _producer.CheckAsync(await _producer.DepositAsync("other crs", "EPSG:2154", other));
        Assert.Equal("UNSTABLE", ending.Status);
        Assert.Contains("declares EPSG:2154", ending.Error("other.tif: its CRS is EPSG:32631"));
    }

    [Fact]
    public async Task Sixteen_bits_among_eight_are_told_against_the_others()
    {
        var folder = shared.NewFolder();
        var lot = new List<string>();
        for (var col = 0; col < 3; col++)
        {
            var west = 700_000 + (60 * col);
            lot.Add(await new Dalle { Place = (west, 6_600_060, west + 60, 6_600_000), Type = col == 1 ? "UInt16" : "Byte" }.WriteAsync(folder, $"d{col}.tif"));
        }

        var ending = await _producer.CheckAsync(await _producer.DepositAsync("sixteen bits", "EPSG:2154", lot));
        Assert.Equal("UNSTABLE", ending.Status);
        Assert.Contains("2 of the lot's 3 rasters", ending.Error("d1.tif: it has UInt16 samples of 16 bits"));
        Assert.DoesNotContain(ending.Log, line => line.Contains("ERROR||", StringComparison.Ordinal) && line.Contains("d0.tif: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rotated_raster_is_refused_with_the_tool_that_mends_it()
    {
        var folder = shared.NewFolder();
        var straight = await new Dalle { Place = null }.WriteAsync(folder, "straight.tif");
        var rotated = Path.Combine(folder, "rotated.tif");
        (await Programs.RunAsync(Programs.Python, ["-c",
            "from osgeo import gdal; import sys\n"
            + "d = gdal.GetDriverByName('GTiff').CreateCopy(sys.argv[2], gdal.Open(sys.argv[1]))\n"
            + "d.SetGeoTransform([700000, 0.17, 0.1, 6600060, 0.1, -0.17])", straight, rotated])).Expect();
        var ending = await _producer.CheckAsync(await _producer.DepositAsync("rotated", "EPSG:2154", rotated));
        Assert.Equal("UNSTABLE", ending.Status);
        Assert.Contains("gdalwarp", ending.Error("rotated.tif: it is rotated"));
    }

    [Fact]
    public async Task Dimension_bomb_is_refused_from_its_header()
    {
        // A sound little TIFF whose header is made to claim a million columns and rows.
        var bomb = await new Dalle { Width = 64, Height = 64, Values = [1] }.WriteAsync(shared.NewFolder(), "bomb.tif");
        var bytes = await File.ReadAllBytesAsync(bomb);
        Claim(bytes, 256, 1_000_000);
        Claim(bytes, 257, 1_000_000);
        Claim(bytes, 278, 1_000_000);
        await File.WriteAllBytesAsync(bomb, bytes);
        var ending = await _producer.CheckAsync(await _producer.DepositAsync("bomb", "EPSG:2154", bomb));
        Assert.Equal("UNSTABLE", ending.Status);
        ending.Error("bomb.tif: ");

        // Sparse: the file is sound and tiny, and would decode to 36 GB of nothing.
        var sparse = await new Dalle { Width = 190_000, Height = 190_000, Values = [], Options = ["SPARSE_OK=TRUE", "TILED=YES", "COMPRESS=DEFLATE"] }
            .WriteAsync(shared.NewFolder(), "sparse.tif");
        ending = await _producer.CheckAsync(await _producer.DepositAsync("sparse", "EPSG:2154", sparse));
        Assert.Equal("UNSTABLE", ending.Status);
        Assert.Contains("claim to decode to", ending.Error("sparse.tif: "));
    }

    [Fact]
    public async Task File_that_differs_from_its_digest_is_named()
    {
        var folder = shared.NewFolder();
        var first = await File.ReadAllBytesAsync(await new Dalle().WriteAsync(folder, "a.tif"));
        var second = await File.ReadAllBytesAsync(await new Dalle { Values = [1, 2, 3] }.WriteAsync(folder, "b.tif"));
        var upload = await _producer.OpenUploadAsync("digests");
        await _producer.DeliverAsync(upload, "a.tif", first);
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(first));
        Producer.Succeeded(await _producer.DeliverMd5Async(upload, "lot.md5", $"{digest}  a.tif\n"));

        // Delivered again between its MD5 and the closing.
        Producer.Succeeded(await _producer.DeliverAsync(upload, "a.tif", second));
        var ending = await _producer.CheckAsync(upload);
        Assert.Equal("UNSTABLE", ending.Status);
        Assert.Contains("deliver the file again, or correct the list", ending.Error("a.tif: its MD5 digest is"));
    }

    [Fact]
    public async Task File_that_was_changed_in_the_storage_is_named()
    {
        var upload = await _producer.DepositAsync("changed", "EPSG:2154", await new Dalle().WriteAsync(shared.NewFolder(), "a.tif"));
        var stored = Directory.EnumerateFiles(Path.Combine(shared.Grid.Data, "objects"), "a.tif", SearchOption.AllDirectories).Single(path => path.Contains(upload, StringComparison.Ordinal));
        await using (var file = new FileStream(stored, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Position = file.Length - 1;
            file.WriteByte(7);
        }

        var ending = await _producer.CheckAsync(upload);
        Assert.Equal("UNSTABLE", ending.Status);
        Assert.Contains("deliver it again", ending.Error("a.tif: it has changed since its delivery"));
    }

    // Sets the value of a tag of a little-endian classic TIFF, as a LONG.
    private static void Claim(byte[] tiff, int tag, uint value)
    {
        var directory = (int)BinaryPrimitives.ReadUInt32LittleEndian(tiff.AsSpan(4));
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(tiff.AsSpan(directory));
        for (var entry = directory + 2; entry < directory + 2 + (12 * entries); entry += 12)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(tiff.AsSpan(entry)) != tag)
                continue;
            BinaryPrimitives.WriteUInt16LittleEndian(tiff.AsSpan(entry + 2), 4);
            BinaryPrimitives.WriteUInt32LittleEndian(tiff.AsSpan(entry + 8), value);
        }
    }
}
