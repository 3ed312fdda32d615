using System.Text.Json.Nodes;
using Grid.Cli.Lots;
using Grid.Fixtures;

namespace Grid.Clients.Tests;

/// <summary>
/// A running grid that serves one lot of ortho-photos twice, as the layer <c>ortho_png</c> without loss and as <c>ortho_jpg90</c>, and heights in many
/// styles as the layer <c>relief</c>.
/// </summary>
public sealed class PublishedOrtho : IAsyncLifetime
{
    public const string Png = "ortho_png";
    public const string Jpeg = "ortho_jpg90";
    public const string Relief = "relief";

    private readonly string _heights = Directory.CreateTempSubdirectory("grid-heights-").FullName;

    public RunningGrid Grid { get; private set; } = null!;

    /// <summary>Folder of the lot: dalles at 20 cm in EPSG:2154.</summary>
    public string Lot { get; } = Directory.CreateTempSubdirectory("grid-lot-").FullName;

    /// <summary>A server that layers may be asked of.</summary>
    internal NeighbourWms Neighbour { get; } = new();

    /// <summary>The stored data of the layer in JPEG.</summary>
    public string Pyramid { get; private set; } = "";

    /// <summary>The file of the heights.</summary>
    public string ReliefSheet { get; private set; } = "";

    /// <summary>Root of the server without a slash at its end.</summary>
    public string Root => Grid.Address.ToString().TrimEnd('/');

    public string Maps => $"{Root}/wms-r";

    public string Capabilities => $"{Root}/wmts?SERVICE=WMTS&REQUEST=GetCapabilities";

    public async Task InitializeAsync()
    {
        OrthoLot.Generate(Lot, 2, 2, 800, 0.2);
        Grid = await RunningGrid.StartAsync(new Dictionary<string, string>
        {
            ["Grid:Wmts:ExtraTileMatrixSets:0"] = "LAMB93_10cm", ["Grid:Wmts:ExtraTileMatrixSets:1"] = "4326",
            ["Grid:Maps:TileBytesPerMap"] = "33554432",
            ["Grid:Wms:InspireMetadataUrl"] = "https://catalogue.example/csw?id=grid",
            ["Grid:FeatureInfo:Servers:0"] = Neighbour.Address, ["Grid:Wmts:InspireMetadataUrl"] = "https://catalogue.example/csw?id=tiles",
        });
        using var producer = await GridProducer.OfAsync(Grid);
        var upload = await producer.UploadAsync(Lot, "ortho");
        foreach (var (layer, compression) in new[] { (Png, "png"), (Jpeg, "jpg90") })
        {
            var pyramid = await producer.BuildAsync(upload, layer, new JsonObject { ["compression"] = compression });
            Pyramid = pyramid;
            await producer.PublishAsync(pyramid, layer);
            await producer.PublishAsync(pyramid, layer, MapInfos(), "WMS-RASTER");
        }

        ReliefSheet = await ReliefLot.GenerateAsync(_heights);
        var heights = await producer.BuildAsync(await producer.UploadAsync(_heights, Relief), Relief, new JsonObject { ["compression"] = "zip", ["tms"] = "2154_10m" });
        foreach (var type in (string[])["WMTS-TMS", "WMS-RASTER"])
        {
            var infos = MapInfos();
            infos["styles"] = new JsonArray("hillshade", "hillshade-multidirectional", "slope", "aspect", "hypsometric", "terrain-rgb", "normal");
            await producer.PublishAsync(heights, Relief, infos, type);
        }
    }

    /// <summary>What a layer of maps says beside its title: values may be asked for, maps are resampled linearly.</summary>
    private static JsonObject MapInfos() => new()
    {
        ["getfeatureinfo"] = new JsonObject { ["stored_data"] = true }, ["interpolation"] = "LINEAR", ["keywords"] = new JsonArray("ortho", "été"),
    };

    /// <summary>Publishes sheets at places of the world, longitude and latitude, as a layer; returns its name.</summary>
    public async Task<string> WorldAsync(IReadOnlyList<string> places)
    {
        const string World = "world";
        var lot = Directory.CreateTempSubdirectory("grid-world-").FullName;
        await ScriptAsync("world_lot.py", [lot, .. places]);
        using var producer = await GridProducer.OfAsync(Grid);
        var pyramid = await producer.BuildAsync(await producer.UploadAsync(lot, World, "EPSG:4326"), World, new JsonObject { ["compression"] = "png", ["bottom"] = "13" });
        Directory.Delete(lot, recursive: true);
        foreach (var type in (string[])["WMTS-TMS", "WMS-RASTER"])
            await producer.PublishAsync(pyramid, World, MapInfos(), type);
        return World;
    }

    public async Task DisposeAsync()
    {
        await Grid.DisposeAsync();
        Neighbour.Dispose();
        Directory.Delete(Lot, recursive: true);
        Directory.Delete(_heights, recursive: true);
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
