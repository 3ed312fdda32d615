using Grid.Cli.Api;
using Grid.Cli.Demo;
using Grid.Cli.Lots;
using Grid.Cli.Producer;
using Grid.Cli.Reports;
using Grid.Frontend.Tests.Publication;

namespace Grid.Frontend.Tests.Delivery;

/// <summary>The command line's producer against the real REST API; only the build of the pyramid is the tests' own.</summary>
[Collection("publication")]
public sealed class DeliveryTests(PublicationHost host) : IDisposable
{
    private readonly string _lot = Directory.CreateTempSubdirectory("grid-lot-").FullName;
    private readonly StringWriter _said = new();

    public void Dispose() => Directory.Delete(_lot, recursive: true);

    [Fact]
    public async Task Lot_becomes_a_published_layer_and_a_second_run_takes_what_is_there()
    {
        OrthoLot.Generate(_lot, 2, 2, 256, 0.2);
        var options = Options();

        var first = await DeliverAsync(options);
        var second = await DeliverAsync(options);

        Assert.Equal(PublishStep.LayerName(options.Name, null), first.LayerName);
        Assert.NotNull(first.Build);
        Assert.Null(second.Build);
        Assert.Equal(first with { Build = null }, second);
        Assert.Equal("CLOSED", (await host.GetAsync($"uploads/{first.Upload}")).Text("status"));
        Assert.Equal("EPSG:2154", (await host.GetAsync($"uploads/{first.Upload}")).Text("srs"));
        Assert.Equal("PUBLISHED", (await host.GetAsync($"offerings/{first.Offering}")).Text("status"));
    }

    [Fact]
    public async Task Interrupted_delivery_sends_only_what_is_missing()
    {
        OrthoLot.Generate(_lot, 2, 2, 256, 0.2);
        var options = Options();
        var upload = await host.PostAsync("uploads", new System.Text.Json.Nodes.JsonObject
        {
            ["name"] = options.Name, ["description"] = "begun", ["type"] = "RASTER", ["srs"] = "EPSG:2154",
        });
        var file = LotFile.In(_lot)[0];
        using (var api = Client())
        {
            await api.PostContentAsync(
                $"datastores/{host.Datastore}/uploads/{upload.Id}/data?path={file.Path}",
                () => new MultipartFile(File.OpenRead(file.FullPath), file.Length, file.Path), CancellationToken.None);
        }

        var result = await DeliverAsync(options);

        Assert.Equal(upload.Id, result.Upload);
        Assert.Contains($"1 of {LotFile.In(_lot).Count} files were sent before", _said.ToString());
    }

    [Fact]
    public async Task Failed_check_tells_the_file_and_the_corrected_lot_passes()
    {
        var files = OrthoLot.Generate(_lot, 2, 2, 256, 0.2);
        var broken = files[0];
        var whole = await File.ReadAllBytesAsync(broken);
        await File.WriteAllTextAsync(broken, "no raster");
        var options = Options() with { Srs = "EPSG:2154" };

        var failure = await Assert.ThrowsAsync<DeliveryException>(() => DeliverAsync(options));
        Assert.Contains(Path.GetFileName(broken), failure.Message);

        await File.WriteAllBytesAsync(broken, whole);
        Assert.NotNull((await DeliverAsync(options)).Build);
    }

    [Fact]
    public async Task Wrong_password_is_told_as_the_server_says_it()
    {
        var known = Credentials.Read(Path.Combine(host.DataFolder, "secrets.json"));
        using var api = new EntrepotClient(Server, known with { Password = "wrong" });
        var refusal = await Assert.ThrowsAsync<EntrepotException>(() => api.GetAsync("users/me", CancellationToken.None));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refusal.Status);
        Assert.Contains("Invalid user credentials", refusal.Message);
    }

    [Fact]
    public async Task Names_of_demonstrations_are_never_taken_twice()
    {
        OrthoLot.Generate(_lot, 1, 1, 256, 0.2);
        var lot = Guid.NewGuid().ToString("N");
        using var api = Client();
        var first = await DemoName.FreeAsync(api, host.Datastore.ToString(), lot, CancellationToken.None);
        await DeliverAsync(Options() with { Name = first });
        var second = await DemoName.FreeAsync(api, host.Datastore.ToString(), lot, CancellationToken.None);
        Assert.Equal([$"demo-{lot}", $"demo-{lot}-2"], [first, second]);
    }

    private Uri Server => new(host.Client.BaseAddress!, "/");

    private DeliveryOptions Options() => new() { Folder = _lot, Name = $"lot {Guid.NewGuid()}", PollInterval = TimeSpan.FromMilliseconds(20) };

    private EntrepotClient Client() => new(Server, Credentials.Read(Path.Combine(host.DataFolder, "secrets.json")));

    private async Task<DeliveryResult> DeliverAsync(DeliveryOptions options)
    {
        using var api = Client();
        return await new Grid.Cli.Producer.Delivery(api, new PlainReport(_said, TimeProvider.System), options).RunAsync(CancellationToken.None);
    }
}
