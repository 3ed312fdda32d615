using System.Text.Json.Nodes;
using Grid.Cli.Lots;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests;

/// <summary>The whole way with objects in S3: rasters are uploaded to it, checked and read from it by GDAL, slabs are written to it and served from it.</summary>
public sealed class ObjectStorageTests(S3Server s3) : IClassFixture<S3Server>
{
    [Fact]
    public async Task Lot_becomes_a_layer_without_a_file_beside_the_bucket()
    {
        var folder = Directory.CreateTempSubdirectory("grid-lot-").FullName;
        OrthoLot.Generate(folder, 2, 1, 400, 0.2);
        await using var grid = await RunningGrid.StartAsync(new Dictionary<string, string>
        {
            ["Grid:Storage:Kind"] = "S3",
            ["Grid:Storage:S3:Endpoint"] = s3.Options.Endpoint!,
            ["Grid:Storage:S3:Bucket"] = s3.Options.Bucket!,
            ["Grid:Storage:S3:AccessKeyId"] = s3.Options.AccessKeyId ?? Environment.GetEnvironmentVariable("AWS_ACCESS_KEY_ID")!,
            ["Grid:Storage:S3:SecretAccessKey"] = s3.Options.SecretAccessKey ?? Environment.GetEnvironmentVariable("AWS_SECRET_ACCESS_KEY")!,
        });
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
    }

    private static async Task<byte[]> ReadAsync(Grid.Storage.IObjectStore store, string key)
    {
        await using var stream = await store.OpenReadAsync(key);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }
}
