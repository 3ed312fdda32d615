using Grid.Embedded;
using Grid.Embedded.Reminders;
using Grid.Embedded.State;
using Grid.Grains.Catalogue;
using Grid.Grains.PointClouds;
using Grid.Grains.Pyramids;
using Grid.Grains.Pyramids.Harvest;
using Grid.Grains.Tiles;
using Grid.Imaging.Styles;
using Grid.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace Grid.Grains.Tests;

/// <summary>A silo on the embedded engine with the grains of pyramids and tiles, over stores that the test holds.</summary>
internal sealed class SiloHost : IAsyncDisposable
{
    private readonly IHost _host;

    private SiloHost(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public OpenLots Lots => _host.Services.GetRequiredService<OpenLots>();

    public RegionSlots Slots => _host.Services.GetRequiredService<RegionSlots>();

    public TileCacheBudget Budget => _host.Services.GetRequiredService<TileCacheBudget>();

    public EmbeddedGrains Engine => _host.Services.GetRequiredService<EmbeddedGrains>();

    public static async Task<SiloHost> StartAsync(
        IObjectStore store, IGrainStateStore? states = null, IReminderStore? reminders = null, PyramidBuildOptions? options = null,
        TileCacheOptions? cache = null, IRasterStyles? styles = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(TimeProvider.System);
        // Factories would hand the stores to the container, which disposes what it makes; instances stay the test's.
        builder.Services.AddKeyedSingleton(StoreNames.Uploads, store);
        builder.Services.AddKeyedSingleton(StoreNames.Pyramids, store);
        builder.Services.AddSingleton(options ?? new PyramidBuildOptions { RegionsInFlight = 3, RegionsPerSilo = 2, Threads = 2 });
        builder.Services.AddSingleton(new PyramidPlace(null));
        builder.Services.AddSingleton<IRegionSilos, OneSilo>();
        builder.Services.AddSingleton<RegionSlots>();
        builder.Services.AddSingleton(new HarvestOptions { Attempts = 3 });
        builder.Services.AddSingleton<WmsClient>();
        builder.Services.AddSingleton<OpenLots>();
        builder.Services.AddSingleton<PyramidRemoval>();
        builder.Services.AddSingleton<PointCloudUnits>();
        builder.Services.AddSingleton(new TileCacheBudget(cache ?? new TileCacheOptions()));
        builder.Services.AddSingleton<TileEdgeCache>();
        if (styles is not null)
            builder.Services.AddSingleton(styles);
        if (states is not null)
            builder.Services.AddSingleton(states);
        if (reminders is not null)
            builder.Services.AddSingleton(reminders);
        builder.Services.AddEmbeddedGrains(engine => engine.MinimumReminderPeriod = TimeSpan.FromMilliseconds(1), typeof(PyramidBuildGrain).Assembly);
        var host = builder.Build();
        await host.StartAsync();
        return new SiloHost(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
