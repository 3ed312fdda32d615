using Orleans;
using Orleans.Runtime;

namespace Grid.Silo.Engine;

/// <summary>The cluster as a silo of it sees it.</summary>
internal sealed class SiloClusterView(ISiloStatusOracle silos, ISiloMembers members) : IClusterView
{
    public Task<bool> HasJoinedAsync(CancellationToken cancellation) => Task.FromResult(silos.CurrentStatus == SiloStatus.Active);

    public Task<IReadOnlyList<SiloMember>> MembersAsync(CancellationToken cancellation) => Task.FromResult(members.Members);
}

/// <summary>The cluster as a client of it is told.</summary>
internal sealed class ClientClusterView(IGrainFactory grains) : IClusterView
{
    public async Task<bool> HasJoinedAsync(CancellationToken cancellation) =>
        (await Management.GetHosts(onlyActive: true).WaitAsync(cancellation)).Count > 0;

    public async Task<IReadOnlyList<SiloMember>> MembersAsync(CancellationToken cancellation) =>
    [
        .. (await Management.GetDetailedHosts(onlyActive: false).WaitAsync(cancellation))
            .Select(entry => new SiloMember(entry.SiloName, entry.SiloAddress.ToString(), entry.Status.ToString()))
            .OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => member.Address, StringComparer.Ordinal),
    ];

    private IManagementGrain Management => grains.GetGrain<IManagementGrain>(0);
}
