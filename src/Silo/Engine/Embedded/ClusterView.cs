using Grid.Embedded;

namespace Grid.Silo.Engine;

/// <summary>The one process of the embedded engine.</summary>
internal sealed class ClusterView(EngineOptions options, EmbeddedGrains grains) : IClusterView
{
    public Task<bool> HasJoinedAsync(CancellationToken cancellation) => Task.FromResult(!grains.IsStopped);

    public Task<IReadOnlyList<SiloMember>> MembersAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<SiloMember>>([new SiloMember(options.NameOrDefault, Environment.MachineName, grains.IsStopped ? "Stopping" : "Active")]);
}
