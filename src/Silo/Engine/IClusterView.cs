namespace Grid.Silo.Engine;

/// <summary>The silos as this process sees them, whether it is one of them, their client, or all there is.</summary>
public interface IClusterView
{
    /// <summary>Whether this process can call grains now.</summary>
    Task<bool> HasJoinedAsync(CancellationToken cancellation);

    /// <summary>The silos that are or were lately in the cluster, by name.</summary>
    Task<IReadOnlyList<SiloMember>> MembersAsync(CancellationToken cancellation);
}
