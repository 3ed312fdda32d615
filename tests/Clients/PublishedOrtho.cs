using System.Text.Json.Nodes;
using Grid.Cli.Lots;
using Grid.Fixtures;

namespace Grid.Clients.Tests;

/// <summary>A running grid that serves one lot of ortho-photos twice: as the layer <c>ortho_png</c> without loss, and as <c>ortho_jpg90</c>.</summary>
public sealed class PublishedOrtho : IAsyncLifetime
{
    public const string Png = "ortho_png";
    public const string Jpeg = "ortho_jpg90";

    public RunningGrid Grid { get; private set; } = null!;

    /// <summary>Folder of the lot: dalles at 20 cm in EPSG:2154.</summary>
    public string Lot { get; } = Directory.CreateTempSubdirectory("grid-lot-").FullName;

    /// <summary>Root of the server without a slash at its end.</summary>
    public string Root => Grid.Address.ToString().TrimEnd('/');

    public string Maps => $"{Root}/wms-r";

    public string Capabilities => $"{Root}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities";

    public async Task InitializeAsync()
    {
        OrthoLot.Generate(Lot, 2, 2, 800, 0.2);
        Grid = await RunningGrid.StartAsync(new Dictionary<string, string>
        {
            ["Grid:Wmts:ExtraTileMatrixSets:0"] = "LAMB93_10cm", ["Grid:Wms:InspireMetadataUrl"] = "https://catalogue.example/csw?id=grid",
        });
        using var producer = await GridProducer.OfAsync(Grid);
        var upload = await producer.UploadAsync(Lot, "ortho");
        foreach (var (layer, compression) in new[] { (Png, "png"), (Jpeg, "jpg90") })
        {
            var pyramid = await producer.BuildAsync(upload, layer, new JsonObject { ["compression"] = compression });
            await producer.PublishAsync(pyramid, layer);
            await producer.PublishAsync(pyramid, layer, MapInfos(), "WMS-RASTER");
        }
    }

    /// <summary>What a layer of maps says beside its title: values may be asked for, maps are resampled linearly.</summary>
    private static JsonObject MapInfos() => new()
    {
        ["getfeatureinfo"] = new JsonObject { ["stored_data"] = true }, ["interpolation"] = "LINEAR", ["keywords"] = new JsonArray("ortho", "été"),
    };

    public async Task DisposeAsync()
    {
        await Grid.DisposeAsync();
        Directory.Delete(Lot, recursive: true);
    }

    /// <summary>Runs a script of <c>scripts/</c> to its end and reads the JSON object that it prints last.</summary>
    public static async Task<JsonObject> ScriptAsync(string script, params string[] arguments)
    {
        // GDAL keeps capabilities in its cache, from which an earlier run's would be read.
        var cache = Directory.CreateTempSubdirectory("grid-clients-");
        try
        {
            var environment = new Dictionary<string, string> { ["HOME"] = cache.FullName, ["GDAL_DEFAULT_WMS_CACHE_PATH"] = cache.FullName, ["QT_QPA_PLATFORM"] = "offscreen" };
            var run = await Programs.RunAsync(Programs.Python, [Path.Combine(AppContext.BaseDirectory, "scripts", script), .. arguments], environment);
            return JsonNode.Parse(run.Expect().TrimEnd().Split('\n')[^1])!.AsObject();
        }
        finally
        {
            cache.Delete(recursive: true);
        }
    }
}

/// <summary>The tests of one running grid.</summary>
[CollectionDefinition("clients")]
public sealed class ClientsCollection : ICollectionFixture<PublishedOrtho>;
