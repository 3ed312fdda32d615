using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Layers;
using Grid.Frontend.Maps;
using Grid.Frontend.Tiles;
using Grid.Frontend.Tms;
using Grid.Frontend.Wmts;
using Grid.Grains.Pyramids;
using Grid.Grains.Tiles;
using Grid.Ogc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;

namespace Grid.Frontend.Tests.Tiles;

/// <summary>The tile services on three loopback ports, for HTTP/1.1, for HTTP/2 and for both by TLS, over made-up slabs of 16 × 16 tiles.</summary>
internal sealed class TileHost : IAsyncDisposable
{
    /// <summary>Layer "a": levels 11 and 12 of PM, 64 × 64 tiles each from column and row 0 on.</summary>
    public const string Layer = "a";

    private readonly WebApplication _host;
    private readonly PublishedLayers _layers = new(null!, NullLogger<PublishedLayers>.Instance);

    private TileHost(Dictionary<string, string?> settings, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(Certificate()));
        });
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IGrainFactory>(Slabs);
        builder.Services.AddSingleton(_layers);
        builder.Services.AddOptions<EntrepotOptions>();
        builder.Services.AddSingleton<PublicAddress>();
        builder.Services.AddSingleton(new WmtsOptions());
        builder.Services.AddSingleton<WmtsCapabilitiesCache>();
        builder.Services.AddSingleton<MapAnswers>();
        builder.Services.AddSingleton(new ExternalInfoOptions());
        builder.Services.AddSingleton<ExternalInfoClient>();
        builder.Services.AddSingleton<WmtsEndpoints>();
        builder.Services.AddSingleton<TmsEndpoints>();
        builder.Services.AddSingleton(new SlabReads(null!, new PyramidPlace(null), new TileCacheOptions(), isOneOfMany: false));
        builder.AddTileServing();
        _host = builder.Build();
        _host.UseHostFiltering();
        WmtsEndpoints.Map(_host);
        TmsEndpoints.Map(_host);
    }

    public SlabStandIn Slabs { get; } = new();

    public Uri Address { get; private set; } = null!;

    public Uri Http2Address { get; private set; } = null!;

    public Uri TlsAddress { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public static Task<TileHost> StartAsync(params (string Key, string Value)[] settings) => StartAsync(TimeProvider.System, settings);

    public static async Task<TileHost> StartAsync(TimeProvider time, params (string Key, string Value)[] settings)
    {
        var host = new TileHost(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value), time);
        host.Publish(1);
        await host._host.StartAsync();
        var addresses = host._host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        (host.Address, host.Http2Address, host.TlsAddress) = (new Uri(addresses[0]), new Uri(addresses[1]), new Uri(addresses[2]));
        host.Http = new HttpClient { BaseAddress = host.Address };
        return host;
    }

    /// <summary>Publishes a version of the layer, whose slabs are below <c>pyramids/{version}</c>.</summary>
    public void Publish(long version, string format = "TIFF_PNG_UINT8")
    {
        using var document = JsonDocument.Parse(Document(version, format).ToJsonString());
        _layers.Exchange(new LayerCatalogue([PublishedLayerReader.Read(Layer, version, document.RootElement)], version));
    }

    public static string Kvp(int col, int row, string level = "12") =>
        $"/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={Layer}&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX={level}&TILEROW={row}&TILECOL={col}";

    public static string Rest(int col, int row, string level = "12") => $"/wmts/1.0.0/{Layer}/normal/PM/{level}/{row}/{col}.png";

    public static string Tms(int col, int row, string level = "12") => $"/tms/1.0.0/{Layer}/{level}/{col}/{row}.png";

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _host.DisposeAsync();
        _layers.Dispose();
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null);
    }

    internal static JsonObject Document(long version, string format) => new()
    {
        ["styles"] = new JsonArray(new JsonObject { ["id"] = "normal", ["title"] = "As stored" }),
        ["bounds"] = new JsonArray(1.0, 48.0, 2.0, 49.0),
        ["queryable"] = true,
        ["pyramids"] = new JsonArray(new JsonObject
        {
            ["storage_prefix"] = $"pyramids/{version}",
            ["top_level"] = "11",
            ["bottom_level"] = "12",
            ["descriptor"] = new JsonObject
            {
                ["tile_matrix_set"] = "PM",
                ["format"] = format,
                ["raster_specifications"] = JsonNode.Parse("""{"channels":3,"nodata":"255,255,255","photometric":"rgb","interpolation":"bicubic"}"""),
                ["levels"] = new JsonArray([.. new[] { "11", "12" }.Select(id => JsonNode.Parse("""
                    {"id":"LEVEL","tiles_per_width":16,"tiles_per_height":16,"tile_limits":{"min_row":0,"max_row":63,"min_col":0,"max_col":63},
                     "storage":{"type":"FILE","image_directory":"p/DATA/LEVEL","path_depth":2}}
                    """.Replace("LEVEL", id)))]),
            },
        }),
    };
}
