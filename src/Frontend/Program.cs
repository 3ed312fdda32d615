using Grid.Frontend;
using Grid.Frontend.Downloads;
using Grid.Frontend.Entrepot;
using Grid.Frontend.Ept;
using Grid.Frontend.Layers;
using Grid.Frontend.Layers.Rok4;
using Grid.Frontend.Maps;
using Grid.Frontend.OgcApi;
using Grid.Frontend.Operations;
using Grid.Frontend.Pages;
using Grid.Frontend.Styles;
using Grid.Frontend.Tiles;
using Grid.Frontend.Tiles3D;
using Grid.Frontend.Tms;
using Grid.Frontend.Wms;
using Grid.Frontend.Wmts;
using Grid.Silo.Database;
using Grid.Silo.Health;
using Grid.Silo.Hosting;
using Grid.Silo.Operations;
using Grid.Silo.Telemetry;
using Grid.Tiling;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

try
{
    await ServeAsync(args);
    return 0;
}
catch (Exception refused) when (refused is ArgumentException or DatabaseException or OptionsValidationException or IOException)
{
    // A setting that makes no sense, a database that cannot be had, a port that is taken: a sentence tells all there is to say.
    await Console.Error.WriteLineAsync($"Grid.Frontend: {refused.Message}");
    return 1;
}

static async Task ServeAsync(string[] args)
{
    var builder = WebApplication.CreateBuilder(args);
    builder.Configuration.AddDefaultLogLevels();
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    builder.Services.AddOptions<ForwardedHeadersOptions>().Configure((ForwardedHeadersOptions options, IOptions<EntrepotOptions> entrepot) =>
    {
        options.ForwardedHeaders = ForwardedHeaders.All;
        foreach (var network in entrepot.Value.ProxyNetworks())
            options.KnownIPNetworks.Add(network);
    });
    builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));

    builder.AddLogFiles("frontend");

    // Disposed last: the host has stopped all that asks the database by then.
    await using var database = await builder.AddGridAsync();

    builder.Services.AddEntrepot(builder.Configuration).AddPublication();
    var wmts = builder.Configuration.GetSection("Grid:Wmts").Get<WmtsOptions>() ?? new WmtsOptions();
    wmts.Validate();
    builder.Services.AddSingleton(wmts);
    builder.Services.AddSingleton<WmtsCapabilitiesCache>();
    builder.Services.AddSingleton<WmtsEndpoints>();
    builder.Services.AddSingleton<TmsEndpoints>();
    var wms = builder.Configuration.GetSection("Grid:Wms").Get<WmsOptions>() ?? new WmsOptions();
    wms.Validate();
    builder.Services.AddSingleton(wms);
    builder.Services.AddSingleton(new MapCrsRegister(wms.AnyCrs ? null : wms.AdvertisedCrs));
    builder.Services.AddSingleton<MapAnswers>();
    builder.Services.AddSingleton<ExternalInfoClient>();
    builder.Services.AddSingleton<WmsCapabilitiesCache>();
    builder.Services.AddSingleton<WmsEndpoints>();
    builder.Services.AddSingleton<OgcApiEndpoints>();
    builder.Services.AddSingleton(new ExtraSets([.. (wmts.ExtraTileMatrixSets ?? []).Select(name => TileMatrixSets.Find(name)!)]));
    builder.Services.AddSingleton<TilesetCatalogue>();
    builder.Services.AddSingleton<TilesetEndpoints>();
    builder.Services.AddSingleton<PublishedLayers>();
    builder.Services.AddSingleton<Rok4Layers>();
    builder.Services.AddSingleton<ServiceSwitches>();
    builder.Services.AddSingleton<Reload>();
    builder.Services.AddHostedService(services => services.GetRequiredService<Reload>());
    builder.Services.AddHostedService(services => services.GetRequiredService<PublishedLayers>());
    builder.Services.AddSingleton<DownloadCatalogue>();
    builder.Services.AddSingleton<DownloadEndpoints>();
    builder.Services.AddSingleton<EptEndpoints>();
    builder.AddTileServing();
    builder.Services.AddSingleton(services => new ReadinessCheck(
        "layers", "reading the published layers", _ => Task.FromResult(services.GetRequiredService<PublishedLayers>().IsLoaded)));
    builder.AddTelemetry(typeof(TileInstruments));
    builder.Services.AddOperations().AddSingleton<OperationsView>();

    await using var app = builder.Build();
    app.UseForwardedHeaders();
    app.UseOutageAnswers();
    ServiceSwitches.Use(app);
    WmtsEndpoints.Map(app);
    TmsEndpoints.Map(app);
    WmsEndpoints.Map(app);
    OgcApiEndpoints.Map(app);
    DownloadEndpoints.Map(app);
    TilesetEndpoints.Map(app);
    EptEndpoints.Map(app);
    app.MapLegends();
    app.MapHealth();
    app.MapOperations();
    app.MapEntrepot();
    app.MapPublication();
    app.MapPages();
    await app.RunAsync();
}
