using Grid.Engine.Tests.Grains;
using Grid.Silo.Database;
using Grid.Silo.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Grid.Engine.Tests;

/// <summary>A silo of its own with the grains under test; what concerns grains goes by a clock of the test's, the silo itself by the real one.</summary>
public sealed class EngineHost : IAsyncDisposable
{
    private readonly IHost _host;

    private EngineHost(IHost host, ManualClock clock) => (_host, Clock) = (host, clock);

    public ManualClock Clock { get; }

    public Witness Witness => _host.Services.GetRequiredService<Witness>();

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts a host; with filters only when asked, since they change how calls run; with states and reminders in memory or in a database.</summary>
    public static async Task<EngineHost> StartAsync(bool withFilters = false, int responseTimeoutSeconds = 30, GridDatabase? database = null)
    {
        var clock = new ManualClock();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddGrainEngine(
            new EngineOptions { ResponseTimeoutSeconds = responseTimeoutSeconds, ClusterId = Guid.NewGuid().ToString("N") },
            database,
            typeof(TurnGrain).Assembly);
        builder.UseOrleans(silo =>
        {
            if (!withFilters) return;
            silo.AddIncomingGrainCallFilter<ArrivingFilter>();
            silo.AddOutgoingGrainCallFilter<LeavingFilter>();
        });
        builder.Services.AddSingleton<Witness>();
        foreach (var area in (string[])["Orleans.Grains", "Orleans.Messaging", "Orleans.Reminders"])
            builder.Services.AddKeyedSingleton<TimeProvider>(area, clock);
        var host = new EngineHost(builder.Build(), clock);
        await host._host.StartAsync();
        return host;
    }

    /// <summary>Makes grains without calls leave; a silo measures their age by the real clock, so it is told to collect.</summary>
    public Task BecomeIdleAsync() => Grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
