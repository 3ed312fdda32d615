using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Uploads;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace Grid.Frontend.Tests.Entrepot;

[Collection("Entrepôt")]
public sealed class UploadTests(EntrepotHost host)
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("some bytes of an archive");

    private HttpClient Producer => host.Producer;

    [Theory]
    [InlineData("""{"tag":"a\u0000b"}""", "NUL")]
    [InlineData("""{"a\u0000b":"value"}""", "NUL")]
    [InlineData("""{"tag":"a\ud800b"}""", "surrogate")]
    [InlineData("""{"tag":1e999999}""", "numbers")]
    [InlineData("""{"tag":1e-999999}""", "numbers")]
    public async Task Texts_and_numbers_that_no_database_keeps_are_refused(string json, string reason)
    {
        var upload = await host.Producer.CreateUploadAsync(host.Root, "texts");
        var (status, body) = await host.Producer.CallAsync("PATCH", upload, $$$"""{"extra":{"nested":[{{{json}}}]}}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(reason, body.Sentences());
        Assert.Equal(HttpStatusCode.OK, (await host.Producer.CallAsync("PATCH", upload, """{"extra":{"nested":["é\u20ac\ud83d\ude00",0.0,-1.5e-7]}}""")).Status);
    }

    [Fact]
    public async Task Deep_folders_are_listed()
    {
        var upload = await host.Producer.CreateUploadAsync(host.Root, "deep");
        Assert.Equal(HttpStatusCode.OK, (await host.Producer.DeliverAsync(upload, string.Join('/', Enumerable.Repeat("d", 100)) + "/a.txt", [1])).Status);
        var tree = await host.Producer.GetStringAsync(new Uri($"{upload}/tree", UriKind.Relative));
        var node = JsonNode.Parse(tree, documentOptions: new JsonDocumentOptions { MaxDepth = 300 })![0];
        for (var depth = 0; depth < 100; depth++)
            node = node!["children"]![0];
        Assert.Equal("a.txt", (string?)node!["name"]);
    }

    [Fact]
    public async Task Delivery_that_ends_after_the_deletion_leaves_nothing_behind()
    {
        var upload = await host.Producer.CreateUploadAsync(host.Root, "deleted while receiving");
        var grain = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IUploadGrain>(upload[(upload.LastIndexOf('/') + 1)..]);
        var ticket = await grain.BeginDeliveryAsync(FileKind.Data, "a.txt", Content.Length);
        Assert.Equal(HttpStatusCode.NoContent, (await host.Producer.CallAsync("DELETE", upload)).Status);
        var stored = await host.Store.PutAsync(ticket.ObjectKey, Content);
        await Assert.ThrowsAsync<ConflictException>(() => grain.EndDeliveryAsync(ticket.Id, new DeliveredFile(Content.Length, stored.ETag, Requests.Md5(Content))));
        Assert.Null(await host.Store.FindAsync(ticket.ObjectKey));
    }

    [Fact]
    public async Task Delivery_goes_from_creation_to_a_closed_upload()
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "delivery", "ARCHIVE");
        Assert.Equal(HttpStatusCode.OK, (await Producer.CallAsync("POST", $"{upload}/tags", """{"theme":"ortho","production_year":2023}""")).Status);
        Assert.Empty((await Producer.ReadAsync($"{upload}/comments")).AsArray());
        Assert.Equal(HttpStatusCode.Created, (await Producer.CallAsync("POST", $"{upload}/comments", """{"text":"première livraison"}""")).Status);
        Assert.Empty((await Producer.ReadAsync($"{upload}/tree")).AsArray());
        Assert.Equal(HttpStatusCode.OK, (await Producer.DeliverAsync(upload, "CANTON/été/CANTON.zip", Content)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Producer.DeliverMd5Async(upload, "CANTON.md5", ("CANTON/été/CANTON.zip", Content))).Status);

        var tree = (await Producer.ReadAsync($"{upload}/tree")).AsArray();
        Assert.Equal(["CANTON", "CANTON.md5"], tree.Select(node => (string?)node!["name"]));
        Assert.Equal("FILE", (string?)tree[0]!["children"]![0]!["children"]![0]!["type"]);
        Assert.Equal(Content.Length, (int)tree[0]!["size"]!);

        Assert.Equal("CLOSED", await Producer.CloseAsync(upload));
        var shown = await Producer.ReadAsync(upload);
        Assert.Equal(Content.Length, (int)shown["size"]!);
        Assert.Equal("2023", (string?)shown["tags"]!["production_year"]);
        Assert.Equal("Demo", (string?)shown["last_event"]!["initiator"]!["first_name"]);
        Assert.Equal("première livraison", (string?)(await Producer.ReadAsync($"{upload}/comments"))[0]!["text"]);
        Assert.Equal(["Fermeture", "Création"], (await Producer.ReadAsync($"{upload}/events")).AsArray().Select(happened => (string?)happened!["title"]));
        Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}INFO\|\|grid-standard-checker\|\|1\|\|1 file", await Producer.CheckLogsAsync(upload, "passed"));
    }

    [Fact]
    public async Task File_that_an_md5_file_lists_but_was_not_delivered_makes_the_check_fail_by_its_name()
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "missing", "ARCHIVE");
        await Producer.DeliverAsync(upload, "a.zip", Content);
        await Producer.DeliverMd5Async(upload, "all.md5", ("a.zip", Content), ("folder/b.zip", Content));
        Assert.Equal("UNSTABLE", await Producer.CloseAsync(upload));
        var log = await Producer.CheckLogsAsync(upload, "failed");
        Assert.Contains("folder/b.zip: listed in all.md5, line 2, but not delivered", log);
        Assert.DoesNotContain("ERROR||grid-standard-checker||2||a.zip", log);
    }

    [Fact]
    public async Task Failed_upload_is_opened_mended_and_closed_again()
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "mended", "ARCHIVE");
        await Producer.DeliverAsync(upload, "a.zip", Content);
        await Producer.DeliverMd5Async(upload, "a.zip.md5", ("a.zip", [1, 2, 3]));
        Assert.Equal("UNSTABLE", await Producer.CloseAsync(upload));
        Assert.Equal(HttpStatusCode.Conflict, (await Producer.DeliverAsync(upload, "a.zip", Content)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Producer.CallAsync("POST", $"{upload}/open")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Producer.CallAsync("DELETE", $"{upload}/md5?path=a.zip.md5")).Status);
        await Producer.DeliverMd5Async(upload, "a.zip.md5", ("a.zip", Content));
        Assert.Equal("CLOSED", await Producer.CloseAsync(upload));
        var checks = await Producer.ReadAsync($"{upload}/checks");
        Assert.Equal(["asked", "failed", "in_progress", "passed"], checks.AsObject().Select(key => key.Key).Order());
        Assert.Empty(checks["failed"]!.AsArray());
    }

    [Fact]
    public async Task File_that_changed_after_its_delivery_is_found()
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "changed", "ARCHIVE");
        await Producer.DeliverAsync(upload, "a.zip", Content);
        await Producer.DeliverMd5Async(upload, "a.md5", ("a.zip", Content));
        await host.Store.PutAsync(UploadPath.DataKey(Guid.Parse(upload.Split('/')[^1]), "a.zip"), new byte[] { 9, 9 });
        Assert.Equal("UNSTABLE", await Producer.CloseAsync(upload));
        Assert.Contains("a.zip: it has changed since its delivery", await Producer.CheckLogsAsync(upload, "failed"));
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("a/../../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("C:/windows")]
    [InlineData("a\\b.tif")]
    [InlineData("a//b.tif")]
    [InlineData("a/./b.tif")]
    [InlineData("a/")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("")]
    public async Task Paths_that_would_leave_the_upload_are_refused(string path)
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "paths", "ARCHIVE");
        var (status, body) = await Producer.DeliverAsync(upload, path, Content);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("path", body.Sentences());
        Assert.Empty((await Producer.ReadAsync($"{upload}/tree")).AsArray());
    }

    [Fact]
    public async Task Long_paths_are_refused_and_names_that_would_be_file_and_folder_conflict()
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "names", "ARCHIVE");
        Assert.Equal(HttpStatusCode.BadRequest, (await Producer.DeliverAsync(upload, string.Join('/', Enumerable.Repeat(new string('a', 200), 5)), Content)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Producer.DeliverAsync(upload, new string('é', 128), Content)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Producer.DeliverAsync(upload, "a", Content)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await Producer.DeliverAsync(upload, "a/b", Content)).Status);
    }

    [Fact]
    public async Task Body_that_ends_early_leaves_nothing()
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "cut", "ARCHIVE");
        using var cut = new ByteArrayContent(Encoding.ASCII.GetBytes("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nhalf of a fi"));
        cut.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        using var answer = await Producer.PostAsync($"{upload}/data?path=x", cut);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty((await Producer.ReadAsync($"{upload}/tree")).AsArray());
        // The ticket was given back, so that the delivery does not hold the upload open.
        await Producer.DeliverAsync(upload, "x", Content);
        Assert.Equal("CLOSED", await Producer.CloseAsync(upload));
    }

    [Theory]
    [InlineData("text/plain", "hello")]
    [InlineData("multipart/form-data", "hello")]
    [InlineData("multipart/form-data; boundary=b", "hello")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n--b--\r\n")]
    public async Task Bodies_without_a_file_are_refused(string type, string body)
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "bodies", "ARCHIVE");
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await Producer.PostAsync($"{upload}/data?path=x", content);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Quota_is_a_conflict_and_the_file_is_not_kept()
    {
        var root = $"/api/datastores/{EntrepotHost.SmallDatastore}";
        var upload = await Producer.CreateUploadAsync(root, "quota", "ARCHIVE");
        Assert.Equal(HttpStatusCode.OK, (await Producer.DeliverAsync(upload, "a", new byte[600])).Status);
        var (status, body) = await Producer.DeliverAsync(upload, "b", new byte[600]);
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("quota", body.Sentences());
        // Replacing a file counts the difference alone.
        Assert.Equal(HttpStatusCode.OK, (await Producer.DeliverAsync(upload, "a", new byte[900])).Status);
        Assert.Equal(900, (int)(await Producer.ReadAsync($"{root}/storages"))["uploads"]!["use"]!);
        Assert.Equal(HttpStatusCode.NoContent, (await Producer.CallAsync("DELETE", upload)).Status);
        Assert.Equal(0, (int)(await Producer.ReadAsync($"{root}/storages"))["uploads"]!["use"]!);
    }

    [Fact]
    public async Task Quota_counts_md5_files_and_deliveries_that_are_under_way()
    {
        var root = $"/api/datastores/{EntrepotHost.SmallDatastore}";
        string first = await Producer.CreateUploadAsync(root, "side by side 1", "ARCHIVE"), second = await Producer.CreateUploadAsync(root, "side by side 2", "ARCHIVE");
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        IUploadGrain GrainOf(string upload) => grains.GetGrain<IUploadGrain>(upload[(upload.LastIndexOf('/') + 1)..]);

        var ticket = await GrainOf(first).BeginDeliveryAsync(FileKind.Data, "a", 700);
        Assert.Equal(1000, ticket.MaxBytes);
        Assert.Equal(300, (await GrainOf(second).BeginDeliveryAsync(FileKind.Data, "b", 50)).MaxBytes);
        // A file whose length nobody knew beforehand cannot take what has been promised to another.
        var unknown = await GrainOf(second).BeginDeliveryAsync(FileKind.Data, "c", 0);
        var stored = await host.Store.PutAsync(unknown.ObjectKey, new byte[260]);
        await Assert.ThrowsAsync<ConflictException>(() => GrainOf(second).EndDeliveryAsync(unknown.Id, new DeliveredFile(260, stored.ETag, Requests.Md5(new byte[260]))));
        Assert.Null(await host.Store.FindAsync(unknown.ObjectKey));
        await GrainOf(first).EndDeliveryAsync(ticket.Id, null);
        Assert.Equal(950, (await GrainOf(first).BeginDeliveryAsync(FileKind.Data, "d", 0)).MaxBytes);

        Assert.Equal(HttpStatusCode.OK, (await Producer.DeliverMd5Async(first, "lot.md5", ("a", Content))).Status);
        const int Line = 32 + 2 + 1 + 1;
        Assert.Equal(Line, (int)(await Producer.ReadAsync($"{root}/storages"))["uploads"]!["use"]!);
        Assert.Equal(950 - Line, (await GrainOf(first).BeginDeliveryAsync(FileKind.Data, "e", 0)).MaxBytes);
        foreach (var upload in (string[])[first, second])
            Assert.Equal(HttpStatusCode.NoContent, (await Producer.CallAsync("DELETE", upload)).Status);
        Assert.Equal(1000, (await GrainOf(await Producer.CreateUploadAsync(root, "side by side 3", "ARCHIVE")).BeginDeliveryAsync(FileKind.Data, "a", 0)).MaxBytes);
    }

    [Fact]
    public async Task Concurrent_deliveries_of_one_path_leave_one_whole_file()
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "race", "ARCHIVE");
        var contents = Enumerable.Range(0, 8).Select(i => Enumerable.Repeat((byte)i, 300_000 + i).ToArray()).ToArray();
        var answers = await Task.WhenAll(contents.Select(content => Producer.DeliverAsync(upload, "same.bin", content)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        // The standard check reads the object again and compares it with the digest recorded.
        Assert.Equal("CLOSED", await Producer.CloseAsync(upload));
    }

    [Fact]
    public async Task Deleted_upload_keeps_its_record_and_loses_its_files()
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "deleted", "ARCHIVE");
        await Producer.DeliverAsync(upload, "a", Content);
        Assert.Equal("CLOSED", await Producer.CloseAsync(upload));
        Assert.Equal(HttpStatusCode.NoContent, (await Producer.CallAsync("DELETE", upload)).Status);
        Assert.Equal("DELETED", (string?)(await Producer.ReadAsync(upload))["status"]);
        Assert.Single((await Producer.ReadAsync($"{upload}/checks"))["passed"]!.AsArray());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await host.Store.FindAsync(UploadPath.DataKey(Guid.Parse(upload.Split('/')[^1]), "a"), limit.Token) is not null)
            await Task.Delay(20, limit.Token);
    }

    [Fact]
    public async Task Checks_that_a_stopped_process_left_go_on_with_the_next()
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "resumed", "ARCHIVE");
        for (var i = 0; i < 200; i++)
            await Producer.DeliverAsync(upload, $"f{i}", new byte[1000 + i]);
        Assert.Equal(HttpStatusCode.OK, (await Producer.CallAsync("POST", $"{upload}/close")).Status);
        await host.RestartAsync();
        Assert.Equal("CLOSED", await host.Producer.WhenCheckedAsync(upload));
    }

    [Fact]
    public async Task States_refuse_what_they_do_not_allow()
    {
        var upload = await Producer.CreateUploadAsync(host.Root, "states", "ARCHIVE");
        Assert.Equal(HttpStatusCode.Conflict, (await Producer.CallAsync("POST", $"{upload}/open")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await Producer.CallAsync("POST", $"{upload}/close")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Producer.CallAsync("DELETE", $"{upload}/data?path=none")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Producer.CallAsync("GET", $"{host.Root}/uploads/{Guid.NewGuid()}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Producer.CallAsync("GET", $"{host.Root}/uploads/nonsense")).Status);
    }

    [Theory]
    [InlineData("""{"name":"","type":"RASTER","srs":"EPSG:2154"}""", "name")]
    [InlineData("""{"name":"a","type":"PICTURE","srs":"EPSG:2154"}""", "PICTURE")]
    [InlineData("""{"name":"a","type":"RASTER","srs":"Lambert 93"}""", "Lambert 93")]
    [InlineData("""{"name":{"a":1},"type":"RASTER","srs":"EPSG:2154"}""", "name")]
    [InlineData("{", "JSON")]
    [InlineData("[]", "object")]
    public async Task Wrong_bodies_are_refused_with_what_is_wrong(string json, string expected)
    {
        var (status, body) = await Producer.CallAsync("POST", $"{host.Root}/uploads", json);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(expected, body.Sentences());
    }

    [Fact]
    public async Task Obsolete_and_unknown_members_are_ignored()
    {
        var (status, body) = await Producer.CallAsync(
            "POST", $"{host.Root}/uploads", """{"name":"old","description":"d","type":"RASTER","srs":"IGNF:LAMB93","visibility":"PRIVATE","zzz":[1]}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.IsType<JsonObject>(body!["tags"]);
        Assert.Equal(0, (int)body["size"]!);
    }
}
