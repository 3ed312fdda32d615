using Grid.Grains.Builds;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Grains.PointClouds;

/// <summary>What a build was asked to do. Written once, for it names every tile of the delivery.</summary>
[GenerateSerializer, Alias("grid.point-cloud-build-order-state")]
public sealed class PointCloudBuildOrderState
{
    [Id(0)] public PointCloudBuildOrder? Order { get; set; }
}

/// <summary>A build's checkpoint: which files are done, and the tier of those in hand. What units have made is seen in the store.</summary>
[GenerateSerializer, Alias("grid.point-cloud-build-state")]
public sealed class PointCloudBuildState : IBuildCheckpoint
{
    [Id(0)] public PyramidBuildStatus Status { get; set; }

    [Id(1)] public DateTimeOffset? Started { get; set; }

    [Id(2)] public DateTimeOffset? Ended { get; set; }

    /// <summary>Points of the delivery; 0 until the build is planned.</summary>
    [Id(3)] public long Points { get; set; }

    /// <summary>Files to make; 0 until the build is planned.</summary>
    [Id(4)] public int FilesTotal { get; set; }

    /// <summary>Tiers of the files in hand, by the files' positions, 0 left out: all before a file's tier is done.</summary>
    [Id(5)] public Dictionary<int, int> Tiers { get; set; } = [];

    /// <summary>The finished files by their positions.</summary>
    [Id(6)] public Dictionary<int, PointCloudFile> Done { get; set; } = [];

    [Id(7)] public List<string> Failures { get; set; } = [];

    [Id(8)] public PointCloudSummary? Cloud { get; set; }

    [Id(9)] public double SecondsBefore { get; set; }
}
