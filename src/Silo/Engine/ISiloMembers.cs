namespace Grid.Silo.Engine;

/// <summary>A cluster as one of its silos sees it now.</summary>
public interface ISiloMembers
{
    /// <summary>This silo's name.</summary>
    string Name { get; }

    /// <summary>The silos that are or were lately in the cluster, by name.</summary>
    IReadOnlyList<SiloMember> Members { get; }
}

/// <summary>One silo of a cluster.</summary>
/// <param name="Address">Host and port, with the start that tells it from its predecessors there.</param>
/// <param name="Status">In Orleans' words: Joining, Active, ShuttingDown, Stopping, Dead.</param>
/// <param name="Labels">What it tells of itself, see <see cref="SiloLabels"/>; null where it is not known.</param>
public sealed record SiloMember(string Name, string Address, string Status, IReadOnlyDictionary<string, string>? Labels = null);
