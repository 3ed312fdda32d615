using Orleans;

namespace Grid.Engine.Tests.Promises;

/// <summary>Base of the promises: each test has a host of its own, on the engine that the build is for.</summary>
public abstract class OnEngine : IAsyncLifetime
{
    protected EngineHost Host { get; private set; } = null!;

    protected Witness Witness => Host.Witness;

    protected ManualClock Clock => Host.Clock;

    public async Task InitializeAsync() => Host = await StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();

    protected virtual Task<EngineHost> StartAsync() => EngineHost.StartAsync();

    protected T Grain<T>(string key)
        where T : IGrainWithStringKey => Host.Grains.GetGrain<T>(key);

    protected Task ToldAsync(string what) => Tests.Witness.UntilAsync(() => Host.Witness.Events.Contains(what), $"a grain tells '{what}'");
}
