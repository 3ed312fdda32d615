using System.Text.Json.Nodes;
using Grid.Cli.Lots;
using Grid.Cli.Producer;
using Grid.Cli.Reports;
using Grid.EndToEnd.Tests.Builds;
using Grid.EndToEnd.Tests.PointClouds;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests;

/// <summary>The whole way with objects in S3: rasters are uploaded to it, checked and read from it by GDAL, slabs are written to it and served from it.</summary>
public sealed class ObjectStorageTests(S3Server s3) : IClassFixture<S3Server>
{
    [Fact]
    public async Task Lot_becomes_a_layer_without_a_file_beside_the_bucket()
    {
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        // One of the two dalles is a picture whose place and CRS are in the files beside it.
        var second = OrthoLot.Generate(folder, 2, 1, 400, 0.2)[1];
        (await Programs.RunAsync("gdal_translate", ["-q", "-of", "PNG", "-co", "WORLDFILE=YES", second, Path.ChangeExtension(second, ".png")])).Expect();
        File.Delete(second);
        await using var grid = await RunningGrid.StartAsync(InBucket());
        using var producer = await GridProducer.OfAsync(grid);
        var upload = await producer.UploadAsync(folder, "lot");
        var storedData = await producer.BuildAsync(upload, "objects", new JsonObject { ["compression"] = "png" });
        await producer.PublishAsync(storedData, "objects");
        Directory.Delete(folder, recursive: true);

        // The descriptor and one slab by ROK4's names for objects.
        var root = $"pyramids/{storedData}/1/objects";
        using var store = s3.Open();
        var descriptor = JsonNode.Parse(await ReadAsync(store, root + ".json"))!;
        var finest = descriptor["levels"]!.AsArray()[^1]!;
        var storage = finest["storage"]!;
        Assert.Equal(("S3", s3.Options.Bucket, $"{root}/DATA_19"), ((string?)storage["type"], (string?)storage["bucket_name"], (string?)storage["image_prefix"]));
        var (col, row) = ((long)finest["tile_limits"]!["min_col"]!, (long)finest["tile_limits"]!["min_row"]!);
        var slab = await ReadAsync(store, $"{root}/DATA_19_{col / 16}_{row / 16}");
        Assert.Equal("II*\0"u8.ToArray(), slab[..4]);
        var list = System.Text.Encoding.UTF8.GetString(await ReadAsync(store, root + ".list"));
        Assert.Contains($"DATA_19_{col / 16}_{row / 16}\n", list);

        using var http = new HttpClient { BaseAddress = grid.Address };
        var middle = new KvpTile("objects", "image/png", "PM", "19", (col + (long)finest["tile_limits"]!["max_col"]!) / 2, (row + (long)finest["tile_limits"]!["max_row"]!) / 2);
        var tile = await http.GetByteArrayAsync(middle.Address());
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], tile[..4]);
        Assert.False(Directory.Exists(Path.Combine(grid.Data, "objects")));
        if (RealData.Root is not null)
            await ImportAsync(producer, store, http);
    }

    /// <summary>From a folder to a bucket and back: the bucket's copy is served, and outlives the pyramid that it was made from.</summary>
    [Fact]
    public async Task Pyramid_is_copied_from_one_store_to_another_and_served_from_there()
    {
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        OrthoLot.Generate(folder, 2, 1, 400, 0.2);
        await using var grid = await RunningGrid.StartAsync(new Dictionary<string, string>
        {
            ["Grid:Storage:Others:cold:Kind"] = "S3",
            ["Grid:Storage:Others:cold:S3:Endpoint"] = s3.Options.Endpoint!,
            ["Grid:Storage:Others:cold:S3:Bucket"] = s3.Options.Bucket!,
            ["Grid:Storage:Others:cold:S3:AccessKeyId"] = s3.Options.AccessKeyId ?? Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID")!,
            ["Grid:Storage:Others:cold:S3:SecretAccessKey"] = s3.Options.SecretAccessKey ?? Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY")!,
        });
        using var producer = await GridProducer.OfAsync(grid);
        var upload = await producer.UploadAsync(folder, "lot");
        Directory.Delete(folder, recursive: true);
        var built = await producer.BuildAsync(upload, "ortho", new JsonObject { ["compression"] = "png", ["mask"] = true, ["width"] = 2, ["height"] = 2 });
        var original = StoredPyramid.Read(grid, built);

        var copy = await producer.RunAsync("Pyramide raster : copie", [], [built], "ortho", [], "COLD");
        var back = await producer.RunAsync("Pyramide raster : copie", [], [copy], "ortho", []);
        var few = await producer.RunAsync("Pyramide raster : copie", [], [copy], "few", new JsonObject { ["slab_limit"] = 20_000, ["top"] = "16" });

        var shown = await producer.Api.GetAsync($"{producer.Datastore}/stored_data/{copy}", default);
        Assert.Equal(("S3", "cold"), ((string?)shown["storage"]!["type"], (string?)shown["storage"]!["labels"]![1]));
        var storage = (await producer.Api.GetAsync(producer.Datastore, default))["storages"]!["data"]![1]!;
        Assert.Equal(("cold", "S3", (long)shown["size"]!), ((string?)storage["storage"]!["name"], (string?)storage["storage"]!["type"], (long)storage["use"]!));
        var slabs = original.Slabs;
        SamePyramids.Check(original, StoredPyramid.Read(grid, back));
        var kept = StoredPyramid.Read(grid, few).Slabs.Keys;
        Assert.Equal(slabs.Keys.Where(path => int.Parse(path.Split('/')[1]) >= 16 && slabs[path.Replace("MASK", "DATA", StringComparison.Ordinal)].Length >= 20_000), kept);
        Assert.NotEmpty(kept);

        await producer.Api.DeleteAsync($"{producer.Datastore}/stored_data/{built}", default);
        await producer.PublishAsync(copy, "copy");
        await producer.PublishAsync(back, "back");
        using var http = new HttpClient { BaseAddress = grid.Address };
        var tile = KvpTile.InTheMiddle(StoredPyramid.Read(grid, back), "back", "image/png");
        Assert.Equal(await http.GetByteArrayAsync(tile.Address()), await http.GetByteArrayAsync((tile with { Layer = "copy" }).Address()));

        using var store = s3.Open();
        var objects = 0;
        await foreach (var found in store.ListAsync($"stores/cold/pyramids/{copy}/1/ortho/"))
            objects++;
        Assert.Equal(slabs.Count, objects);
        var descriptor = JsonNode.Parse(await ReadAsync(store, $"stores/cold/pyramids/{copy}/1/ortho.json"))!;
        Assert.Equal($"stores/cold/pyramids/{copy}/1/ortho/DATA_19", (string?)descriptor["levels"]!.AsArray()[^1]!["storage"]!["image_prefix"]);
    }

    /// <summary>LiDAR tiles are uploaded to the bucket, checked and built there, and what they become is read from it: by range, as tiles, as a model's pyramid.</summary>
    [Fact]
    public async Task Clouds_become_files_tiles_and_a_model_without_a_file_beside_the_bucket()
    {
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        var points = await LidarLot.WriteAsync(folder, 20_000, seed: 4);
        await using var grid = await RunningGrid.StartAsync(InBucket());
        using var producer = await GridProducer.OfAsync(grid);
        var options = new DeliveryOptions { Folder = folder, Name = "bloc", IsLidar = true, PollInterval = TimeSpan.FromMilliseconds(50) };
        var delivered = await new LidarDelivery(producer.Api, new PlainReport(TextWriter.Null, TimeProvider.System), options).RunAsync(default);
        Directory.Delete(folder, recursive: true);
        Assert.Equal(points, delivered.Points);

        using var http = new HttpClient { BaseAddress = grid.Address };
        var block = new Uri(delivered.Files, "bloc.copc.laz");
        await CopcOverHttp.CheckRangesAsync(http, block);
        await CopcOverHttp.CheckPointsAsync(http, block, points);
        await TilesetOverHttp.CheckAsync(grid.Address, "bloc", points);
        await EptOverHttp.CheckAsync(grid.Address, "bloc", ["bloc", "Semis_0", "Semis_1", "Semis_2", "Semis_3"], points);

        foreach (var (uploads, clouds, name) in ((string[], string[], string)[])[([delivered.Upload], [], "mnt"), ([], [delivered.StoredData], "mns")])
        {
            var model = await producer.RunAsync("Calcul de modèle numérique", uploads, clouds, name, new JsonObject { ["model"] = name.ToUpperInvariant(), ["step"] = 0.5 });
            await producer.PublishAsync(model, name, type: "DOWNLOAD");
            var dalles = JsonNode.Parse(await http.GetStringAsync($"telechargement/download/{name}/{name}/index.geojson"))!["features"]!.AsArray();
            var tile = await http.GetByteArrayAsync((string)dalles[0]!["properties"]!["url"]!);
            Assert.Equal("II*\0"u8.ToArray(), tile[..4]);
        }

        // Nothing is left of what units handed to each other, nor of the models' copies.
        using var store = s3.Open();
        var keys = new List<string>();
        foreach (var prefix in (string[])["pyramids/", "processings/", "uploads/"])
        {
            await foreach (var found in store.ListAsync(prefix))
                keys.Add(found.Key);
        }

        Assert.Contains(keys, key => key.EndsWith("/files/bloc.copc.laz", StringComparison.Ordinal));
        Assert.DoesNotContain(keys, key => key.Contains("/handover/", StringComparison.Ordinal) || key.StartsWith("processings/", StringComparison.Ordinal));
        Assert.False(Directory.Exists(Path.Combine(grid.Data, "objects")));
    }

    private Dictionary<string, string> InBucket() => new()
    {
        ["Grid:Storage:Kind"] = "S3",
        ["Grid:Storage:S3:Endpoint"] = s3.Options.Endpoint!,
        ["Grid:Storage:S3:Bucket"] = s3.Options.Bucket!,
        ["Grid:Storage:S3:AccessKeyId"] = s3.Options.AccessKeyId ?? Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID")!,
        ["Grid:Storage:S3:SecretAccessKey"] = s3.Options.SecretAccessKey ?? Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY")!,
    };

    /// <summary>A pyramid built elsewhere becomes objects, and an object that stands for one of its slabs is read from that.</summary>
    private async Task ImportAsync(GridProducer producer, Storage.IObjectStore store, HttpClient http)
    {
        var pyramid = PyramidFolder.Read(RealData.PathOf("raster/rok4_pyramids/TIFF_ZIP_FLOAT32.json"));
        var options = new DeliveryOptions { Folder = pyramid.Folder, Pyramid = pyramid, Srs = pyramid.Crs, Name = "mnt", PollInterval = TimeSpan.FromMilliseconds(50) };
        var result = await new Delivery(producer.Api, new PlainReport(TextWriter.Null, TimeProvider.System), options).RunAsync(default);
        var root = $"pyramids/{result.StoredData}/1/mnt";
        Assert.Equal(await File.ReadAllBytesAsync(RealData.PathOf("raster/rok4_pyramids/TIFF_ZIP_FLOAT32/DATA/8/1F/2N/60.tif")), await ReadAsync(store, $"{root}/DATA_8_1374_20268"));
        await store.PutAsync($"{root}/DATA_8_1373_20268", System.Text.Encoding.UTF8.GetBytes($"SYMLINK#{s3.Options.Bucket}@localhost/{root}/DATA_8_1374_20268"));
        var tile = new KvpTile("mnt", "image/x-bil;bits=32", "UTM20W84MART_1M_MNT", "8", 2748, 40536);
        var own = await http.GetByteArrayAsync(tile.Address());
        Assert.NotEmpty(own);
        Assert.Equal(own, await http.GetByteArrayAsync((tile with { Col = 2746 }).Address()));
    }

    private static async Task<byte[]> ReadAsync(Grid.Storage.IObjectStore store, string key)
    {
        await using var stream = await store.OpenReadAsync(key);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
