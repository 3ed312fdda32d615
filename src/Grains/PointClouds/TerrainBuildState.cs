using Grid.Grains.Builds;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Grains.PointClouds;

/// <summary>A model's checkpoint: the order, and the tiles that are done.</summary>
[GenerateSerializer, Alias("grid.terrain-build-state")]
public sealed class TerrainBuildState : IBuildCheckpoint
{
    [Id(0)] public PyramidBuildStatus Status { get; set; }

    [Id(1)] public TerrainBuildOrder? Order { get; set; }

    /// <summary>Tiles to make; 0 until the build is planned.</summary>
    [Id(2)] public int TilesTotal { get; set; }

    /// <summary>Names of the finished tiles' files by their indices; empty names for tiles without any height.</summary>
    [Id(3)] public Dictionary<int, string> Done { get; set; } = [];

    [Id(4)] public long Points { get; set; }

    [Id(5)] public List<string> Failures { get; set; } = [];

    [Id(6)] public DateTimeOffset? Started { get; set; }

    [Id(7)] public DateTimeOffset? Ended { get; set; }

    [Id(8)] public double SecondsBefore { get; set; }
}
