using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Grains.Pyramids;

/// <summary>A build's checkpoint: the order, how far it is, and the counts of what is done. Kilobytes, however large the lot.</summary>
[GenerateSerializer, Alias("grid.pyramid-build-state")]
public sealed class PyramidBuildState
{
    [Id(0)] public PyramidBuildOrder? Order { get; set; }

    [Id(1)] public PyramidBuildStatus Status { get; set; }

    [Id(2)] public DateTimeOffset? Started { get; set; }

    [Id(3)] public DateTimeOffset? Ended { get; set; }

    /// <summary>The tier of regions in hand; those before it are done.</summary>
    [Id(4)] public int Tier { get; set; }

    /// <summary>Positions, in the enumeration of <see cref="Tier"/>, of the regions that are done and lie past <see cref="DoneBefore"/>.</summary>
    [Id(5)] public HashSet<long> Done { get; set; } = [];

    /// <summary>Number of regions at the head of the tier's enumeration that are all done.</summary>
    [Id(6)] public long DoneBefore { get; set; }

    /// <summary>Slabs done by level, those of finished regions only.</summary>
    [Id(7)] public Dictionary<string, long> SlabsDone { get; set; } = [];

    [Id(8)] public long Tiles { get; set; }

    [Id(9)] public long Bytes { get; set; }

    [Id(10)] public List<string> Failures { get; set; } = [];

    [Id(11)] public PyramidSummary? Pyramid { get; set; }

    /// <summary>Seconds spent before this activation, so that rates survive a restart.</summary>
    [Id(12)] public double SecondsBefore { get; set; }
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
