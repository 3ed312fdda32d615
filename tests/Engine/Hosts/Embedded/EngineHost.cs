using Grid.Embedded;
using Grid.Embedded.Reminders;
using Grid.Embedded.State;
using Grid.Engine.Tests.Grains;
using Grid.Silo.Engine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace Grid.Engine.Tests;

/// <summary>A host of the embedded engine with the grains under test and a clock of the test's.</summary>
public sealed class EngineHost : IAsyncDisposable
{
    private readonly IHost _host;

    private EngineHost(IHost host) => _host = host;

    public ManualClock Clock { get; } = new();

    public Witness Witness => _host.Services.GetRequiredService<Witness>();

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts a host; with filters only when asked, since they change how calls run.</summary>
    public static async Task<EngineHost> StartAsync(
        bool withFilters = false, IGrainStateStore? states = null, IReminderStore? reminders = null, int responseTimeoutSeconds = 30)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddGrainEngine(new EngineOptions { ResponseTimeoutSeconds = responseTimeoutSeconds }, null, typeof(TurnGrain).Assembly);
        builder.Services.AddSingleton<Witness>();
        if (states is not null) builder.Services.AddSingleton(states);
        if (reminders is not null) builder.Services.AddSingleton(reminders);
        if (withFilters)
        {
            builder.Services.AddSingleton<IIncomingGrainCallFilter, ArrivingFilter>();
            builder.Services.AddSingleton<IOutgoingGrainCallFilter, LeavingFilter>();
        }
        EngineHost? made = null;
        builder.Services.AddSingleton<TimeProvider>(_ => made!.Clock);
        made = new(builder.Build());
        await made._host.StartAsync();
        return made;
    }

    /// <summary>Lets so much time pass that grains without calls leave.</summary>
    public Task BecomeIdleAsync()
    {
        Clock.Advance(TimeSpan.FromMinutes(20));
        return Task.CompletedTask;
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
