using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Grid.Fixtures;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.EndToEnd.Tests.Imports;

/// <summary>The whole configuration of a ROK4 server, in a bucket or in folders, is served where it lies: list, layers, styles, tile matrix sets, descriptors and slabs.</summary>
[Collection("grid")]
public sealed class Rok4ConfigurationTests(SharedGrid shared, S3Server s3) : IClassFixture<S3Server>
{
    [Fact]
    public async Task Configuration_in_a_bucket_is_served_in_place_and_read_again_when_an_administrator_asks()
    {
        using var bucket = s3.Open();
        var original = StoredPyramid.Read(shared.Grid, shared.Pyramid);
        await PutPyramidAsync(bucket, original, "pyramids/ortho", "PM");
        await PutPyramidAsync(bucket, original, "pyramids/own", "MINE");
        await PutAsync(bucket, "conf/tms/MINE.json", Encoding.UTF8.GetString(TileMatrixSetJson.Write(TileMatrixSets.Find("PM")!)).Replace("\"PM\"", "\"MINE\"", StringComparison.Ordinal));
        await PutAsync(bucket, "conf/tms/PM.json", Encoding.UTF8.GetString(TileMatrixSetJson.Write(TileMatrixSets.Find("PM")!)));
        await PutAsync(bucket, "conf/styles/normal.json", """{"identifier": "normal", "title": "As they are", "abstract": "", "keywords": []}""");
        await PutAsync(bucket, "conf/layers/ORTHO.TWIN.json", Layer("s3://grid-tests/pyramids/ortho.json", original));
        await PutAsync(bucket, "conf/layers/OWN.json", Layer("s3://grid-tests/pyramids/own.json", original));
        await PutAsync(bucket, "conf/layers/TORN.json", """{"title": "torn", "pyramids": [{"path": "s3://elsewhere/secret.json"}]}""");
        await PutAsync(bucket, "conf/layers.txt", "s3://grid-tests/conf/layers/ORTHO.TWIN.json\n\ns3://grid-tests/conf/layers/TORN.json\ns3://grid-tests/conf/layers/NONE.json\n");

        await using var grid = await RunningGrid.StartAsync(new Dictionary<string, string>
        {
            ["Grid:Rok4:Layers"] = "s3://grid-tests/conf/layers.txt",
            ["Grid:Rok4:Styles"] = "s3://grid-tests/conf/styles",
            ["Grid:Rok4:TileMatrixSets"] = "s3://grid-tests/conf/tms",
            ["Grid:Storage:Others:rok4:Foreign"] = "true",
            ["Grid:Storage:Others:rok4:Kind"] = "S3",
            ["Grid:Storage:Others:rok4:S3:Endpoint"] = s3.Options.Endpoint!,
            ["Grid:Storage:Others:rok4:S3:Bucket"] = s3.Options.Bucket!,
            ["Grid:Storage:Others:rok4:S3:AccessKeyId"] = s3.Options.AccessKeyId!,
            ["Grid:Storage:Others:rok4:S3:SecretAccessKey"] = s3.Options.SecretAccessKey!,
        });
        using var http = new HttpClient { BaseAddress = grid.Address };
        var tile = await shared.Http.GetByteArrayAsync(shared.Tile.Address());
        Assert.Equal(tile, await http.GetByteArrayAsync((shared.Tile with { Layer = "ORTHO.TWIN" }).Address()));
        var capabilities = await http.GetStringAsync("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities");
        Assert.Contains("The twin", capabilities);
        Assert.DoesNotContain("torn", capabilities);
        Assert.Contains("TORN.json", grid.Log);
        Assert.Contains("s3://elsewhere/secret.json", grid.Log);
        Assert.Contains("MINE", await http.GetStringAsync("/healthcheck/info"));
        var map = await http.GetAsync("/wms-r?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=ORTHO.TWIN&STYLES=&CRS=EPSG:2154&BBOX=650000,6869880,650240,6870000&WIDTH=240&HEIGHT=120&FORMAT=image/png");
        Assert.Equal("image/png", map.Content.Headers.ContentType?.MediaType);
        Assert.True((await map.Content.ReadAsByteArrayAsync()).Length > 5000);

        // Another layer, in a set of the operator's own; the first one goes.
        await PutAsync(bucket, "conf/layers.txt", "s3://grid-tests/conf/layers/OWN.json\n");
        using (var ask = new HttpRequestMessage(HttpMethod.Post, "/api/operations/reload"))
        {
            ask.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await grid.TokenAsync("admin"));
            Assert.Equal(HttpStatusCode.NoContent, (await http.SendAsync(ask)).StatusCode);
        }

        Assert.Equal(tile, await http.GetByteArrayAsync((shared.Tile with { Layer = "OWN", Set = "MINE" }).Address()));
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync((shared.Tile with { Layer = "ORTHO.TWIN" }).Address())).StatusCode);
        // Nothing was written to the bucket, nor can producers put anything there.
        await foreach (var found in bucket.ListAsync("stores/"))
            Assert.Fail(found.Key);
        using var producer = await GridProducer.OfAsync(grid);
        Assert.DoesNotContain("rok4", (await producer.Api.GetAsync(producer.Datastore, default))["storages"]!.ToJsonString());
    }

    [Fact]
    public async Task Configuration_in_folders_is_served_in_place()
    {
        var original = StoredPyramid.Read(shared.Grid, shared.Pyramid);
        var root = Directory.CreateTempSubdirectory("grid-rok4-").FullName;
        Directory.CreateDirectory(Path.Combine(root, "conf/layers"));
        Directory.CreateDirectory(Path.Combine(root, "pyramids/descriptors"));
        foreach (var (path, bytes) in original.Slabs)
        {
            var target = Path.Combine(root, "pyramids/data", path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await File.WriteAllBytesAsync(target, bytes);
        }

        // Slabs beside the descriptor's folder, as ROK4's descriptors may have it.
        var descriptor = original.Descriptor.DeepClone().AsObject();
        foreach (var level in descriptor["levels"]!.AsArray())
            level!["storage"]!["image_directory"] = "../data/" + string.Join('/', ((string)level["storage"]!["image_directory"]!).Split('/')[1..]);
        await File.WriteAllTextAsync(Path.Combine(root, "pyramids/descriptors/ortho.json"), descriptor.ToJsonString());
        await File.WriteAllTextAsync(Path.Combine(root, "conf/layers/twin.json"), Layer(Path.Combine(root, "pyramids/descriptors/ortho.json"), original));
        await File.WriteAllTextAsync(Path.Combine(root, "conf/list.txt"), $"file://{root}/conf/layers/twin.json\n# a remark\n/etc/passwd\n");

        await using var grid = await RunningGrid.StartAsync(new Dictionary<string, string>
        {
            ["Grid:Rok4:Layers"] = Path.Combine(root, "conf/list.txt"),
            ["Grid:Storage:Others:rok4:Foreign"] = "true",
            ["Grid:Storage:Others:rok4:Folder"] = root,
            ["Grid:Maps:TilesPerLayer"] = "16",
        });
        using var http = new HttpClient { BaseAddress = grid.Address };
        Assert.Equal(await shared.Http.GetByteArrayAsync(shared.Tile.Address()), await http.GetByteArrayAsync((shared.Tile with { Layer = "twin" }).Address()));
        Assert.Contains("/etc/passwd", grid.Log);

        // A map that needs more tiles of a layer than are allowed shows none of it; one of the same place that needs fewer shows it.
        async Task<int> BytesAsync(int width, int height) => (await http.GetByteArrayAsync(
            $"/wms-r?SERVICE=WMS&VERSION=1.3.0&REQUEST=GetMap&LAYERS=twin&STYLES=&CRS=EPSG:2154&BBOX=650000,6869760,650240,6870000&WIDTH={width}&HEIGHT={height}&FORMAT=image/png&TRANSPARENT=TRUE")).Length;
        Assert.InRange(await BytesAsync(1200, 1200), 1, 10_000);
        Assert.InRange(await BytesAsync(300, 300), 20_000, 1_000_000);
        Assert.False(Directory.Exists(Path.Combine(root, ".partial")));
        Directory.Delete(root, recursive: true);
    }

    private static string Layer(string path, StoredPyramid pyramid) => new JsonObject
    {
        ["title"] = "The twin", ["abstract"] = "As it lies there", ["keywords"] = new JsonArray("RASTER"), ["styles"] = new JsonArray("normal"), ["resampling"] = "lanczos_3",
        ["pyramids"] = new JsonArray(new JsonObject { ["path"] = path, ["top_level"] = pyramid.Levels[0], ["bottom_level"] = pyramid.Levels[^1] }),
        ["wms"] = new JsonObject { ["enabled"] = true }, ["get_feature_info"] = new JsonObject { ["type"] = "PYRAMID" },
    }.ToJsonString();

    /// <summary>Puts a pyramid of folders as ROK4's tools put one into a bucket.</summary>
    private static async Task PutPyramidAsync(IObjectStore bucket, StoredPyramid pyramid, string prefix, string set)
    {
        var descriptor = pyramid.Descriptor.DeepClone().AsObject();
        descriptor["tile_matrix_set"] = set;
        foreach (var level in descriptor["levels"]!.AsArray())
        {
            var id = (string)level!["id"]!;
            var (minCol, minRow, maxCol, maxRow) = pyramid.Limits(id);
            for (var row = minRow / 16; row <= maxRow / 16; row++)
            {
                for (var col = minCol / 16; col <= maxCol / 16; col++)
                {
                    if (pyramid.SlabOf(id, col * 16, row * 16) is var file && File.Exists(file))
                        await bucket.PutAsync($"{prefix}/DATA_{id}_{col}_{row}", await File.ReadAllBytesAsync(file));
                }
            }

            level["storage"] = new JsonObject { ["type"] = "S3", ["bucket_name"] = "grid-tests", ["image_prefix"] = $"{prefix}/DATA_{id}" };
        }

        await PutAsync(bucket, prefix + ".json", descriptor.ToJsonString());
    }

    private static Task PutAsync(IObjectStore bucket, string key, string text) => bucket.PutAsync(key, Encoding.UTF8.GetBytes(text));
}
