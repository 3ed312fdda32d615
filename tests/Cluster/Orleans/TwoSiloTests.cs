using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace Grid.Cluster.Tests;

public sealed class TwoSiloTests : IAsyncLifetime
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 40).Select(i => $"grain {i}")];

    private InProcessTestCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorage("grid");
            silo.UseInMemoryReminderService();
            silo.Configure<ClusterMembershipOptions>(membership => membership.ProbeTimeout = TimeSpan.FromSeconds(1));
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Grains_spread_over_both_silos_and_each_has_one_activation()
    {
        var first = await VisitAllAsync();
        Assert.Equal(2, first.Values.Select(visit => visit.Silo).Distinct().Count());
        var second = await VisitAllAsync();
        Assert.All(Keys, key => Assert.Equal(first[key] with { Visits = 2 }, second[key]));
    }

    [Fact]
    public async Task Grains_of_a_killed_silo_come_back_on_the_other()
    {
        var before = await VisitAllAsync();
        var killed = _cluster.Silos[1];
        await _cluster.KillSiloAsync(killed);
        await _cluster.WaitForLivenessToStabilizeAsync(didKill: true);
        var after = await VisitAllAsync();
        var survivor = _cluster.Silos[0].SiloAddress.ToParsableString();
        Assert.All(Keys, key =>
        {
            Assert.Equal(survivor, after[key].Silo);
            Assert.Equal(before[key].Silo == survivor ? 2 : 1, after[key].Visits);
        });
    }

    private async Task<Dictionary<string, Visit>> VisitAllAsync()
    {
        var visits = new Dictionary<string, Visit>();
        foreach (var key in Keys) visits[key] = await _cluster.Client.GetGrain<IPlaceGrain>(key).VisitAsync();
        return visits;
    }
}
