using Grid.Grains.Builds;
using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Grains.Pyramids;

/// <summary>What a build was asked to do. Written once, for it names every raster of the lot: megabytes for a large one.</summary>
[GenerateSerializer, Alias("grid.pyramid-build-order-state")]
public sealed class PyramidBuildOrderState
{
    [Id(0)] public PyramidBuildOrder? Order { get; set; }
}

/// <summary>A build's checkpoint: how far it is, and the counts of what is done. Kilobytes, however large the lot.</summary>
[GenerateSerializer, Alias("grid.pyramid-build-state")]
public sealed class PyramidBuildState : IBuildCheckpoint
{
    /// <summary>The plan's levels, finest first, none of their slabs done; empty until the build is planned.</summary>
    [Id(0)] public List<LevelProgress> Levels { get; set; } = [];

    [Id(1)] public PyramidBuildStatus Status { get; set; }

    [Id(2)] public DateTimeOffset? Started { get; set; }

    [Id(3)] public DateTimeOffset? Ended { get; set; }

    /// <summary>What builds that went tier by tier had in hand; kept for silos that still do so, which begin anew by it.</summary>
    [Id(4)] public int Tier { get; set; }

    /// <summary>Positions, in the plan's sequence, of the regions that are done and lie past <see cref="DoneBefore"/>.</summary>
    [Id(5)] public HashSet<long> Done { get; set; } = [];

    /// <summary>Number of regions at the head of the sequence that are all done.</summary>
    [Id(6)] public long DoneBefore { get; set; }

    /// <summary>Slabs done by level, those of finished regions only.</summary>
    [Id(7)] public Dictionary<string, long> SlabsDone { get; set; } = [];

    [Id(8)] public long Tiles { get; set; }

    [Id(9)] public long Bytes { get; set; }

    [Id(10)] public List<string> Failures { get; set; } = [];

    [Id(11)] public PyramidSummary? Pyramid { get; set; }

    [Id(12)] public double SecondsBefore { get; set; }

    /// <summary>Pixels of the lot; 0 until the build is planned.</summary>
    [Id(13)] public long InputPixels { get; set; }

    /// <summary>Lines of the former pyramid's list that have been gone through; -1 once all have.</summary>
    [Id(14)] public long ListLines { get; set; }

    /// <summary>Slabs of the former pyramid that were taken over as they are.</summary>
    [Id(15)] public long SlabsTakenOver { get; set; }

    /// <summary>As <see cref="Tier"/>.</summary>
    [Id(16)] public long RegionsOfTier { get; set; }

    /// <summary>Number of regions in the plan's sequence, by which a plan that is cut otherwise than the checkpoint's is told from it.</summary>
    [Id(17)] public long Regions { get; set; }
}

/// <summary>A region's checkpoint: whether it is done, and what it made.</summary>
[GenerateSerializer, Alias("grid.region-state")]
public sealed class RegionState
{
    /// <summary>Digest of the plan that the region was done for; empty while it is not done.</summary>
    [Id(0)] public string DoneFor { get; set; } = "";

    [Id(1)] public List<FinishedSlab> Slabs { get; set; } = [];

    [Id(2)] public List<string> Failures { get; set; } = [];
}
