using Orleans;

namespace Grid.Grains.Uploads;

/// <summary>How far a check execution came; written after each batch of steps.</summary>
[GenerateSerializer, Alias("grid.check-progress")]
public sealed record CheckProgress
{
    /// <summary>The first step that has not been done.</summary>
    [Id(0)] public int Step { get; init; }

    /// <summary>Faults found by the steps before it.</summary>
    [Id(1)] public int Faults { get; init; }
}
