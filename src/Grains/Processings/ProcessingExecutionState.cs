using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Grains.Processings;

/// <summary>What an execution must remember to go on after a crash, besides its row.</summary>
[GenerateSerializer, Alias("grid.processing-execution-state")]
public sealed record ProcessingExecutionState
{
    /// <summary>The order, fixed before the build first hears it so that a repeated start says the same; null before.</summary>
    [Id(0)] public PyramidBuildOrder? Order { get; init; }

    /// <summary>Likewise of an import.</summary>
    [Id(6)] public PyramidImportOrder? Import { get; init; }

    /// <summary>Likewise of a terrain model's tiles; the pyramid's order follows when they are made.</summary>
    [Id(11)] public TerrainBuildOrder? Terrain { get; init; }

    /// <summary>Likewise of a build of COPC files.</summary>
    [Id(10)] public PointCloudBuildOrder? Cloud { get; init; }

    /// <summary>Whether the work has its order.</summary>
    public bool HasOrder => Order is not null || Import is not null || Terrain is not null || Cloud is not null;

    /// <summary>Who asked for the abortion; null while nobody has.</summary>
    [Id(1)] public string? AbortedBy { get; init; }

    /// <summary>Whether the plan is in the log.</summary>
    [Id(2)] public bool PlanLogged { get; init; }

    /// <summary>The last tenth of the work that is in the log, 0 to 10.</summary>
    [Id(3)] public int TenthsLogged { get; init; }

    /// <summary>Levels whose end is in the log.</summary>
    [Id(4)] public IReadOnlyList<string> LevelsLogged { get; init; } = [];

    /// <summary>How many of the build's failures are in the log.</summary>
    [Id(5)] public int FailuresLogged { get; init; }
}
