using Orleans;

namespace Grid.Interfaces.Catalogue;

/// <summary>Who asked for a change: the account named by events and comments.</summary>
[GenerateSerializer, Alias("grid.initiator"), Immutable]
public sealed record Initiator([property: Id(0)] Guid Id, [property: Id(1)] string FirstName, [property: Id(2)] string LastName)
{
    /// <summary>Grid itself, for changes that no account asked for.</summary>
    public static Initiator Grid { get; } = new(Guid.Empty, "Grid", "");
}
