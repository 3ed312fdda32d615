using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Interfaces.PointClouds;

/// <summary>Everything that decides a model's pixels: the same order over the same files gives the same tiles.</summary>
[GenerateSerializer, Alias("grid.terrain-build-order"), Immutable]
public sealed record TerrainBuildOrder
{
    /// <summary>Key prefix, in the store of pyramids, under which the tiles are kept; no slash at the end.</summary>
    [Id(0)] public required string TilesPrefix { get; init; }

    /// <summary>Key prefix, in the store of uploads, of the copies that the pyramid is made of; no slash at the end.</summary>
    [Id(1)] public required string WorkPrefix { get; init; }

    /// <summary>The point clouds: keys in the store of uploads or, when they <see cref="AreStored"/>, of pyramids, and names that their producer knows them by.</summary>
    [Id(2)] public required IReadOnlyList<SourceRaster> Sources { get; init; }

    /// <summary>CRS of the clouds, authority and code: a projected one.</summary>
    [Id(3)] public required string Crs { get; init; }

    /// <summary>MNT, MNS or MNH.</summary>
    [Id(4)] public required string Model { get; init; }

    /// <summary>Side of a pixel in the unit of the CRS.</summary>
    [Id(5)] public required double Step { get; init; }

    /// <summary>Longest edge of a triangle that makes pixels; 0 for no limit.</summary>
    [Id(6)] public double LongestEdge { get; init; }

    /// <summary>True when the clouds are stored data, COPC files; false when they are a delivery.</summary>
    [Id(7)] public bool AreStored { get; init; }

    /// <summary>True when the only file is that of a whole block, whose extent says nothing of its tiles.</summary>
    [Id(8)] public bool IsBlock { get; init; }
}

/// <summary>What a tile is told.</summary>
[GenerateSerializer, Alias("grid.terrain-tile-order"), Immutable]
public sealed record TerrainTileOrder
{
    [Id(0)] public required string BuildId { get; init; }

    /// <summary>The tile's place among the build's.</summary>
    [Id(1)] public required int Index { get; init; }

    /// <summary>North-west corner and side, in the unit of the CRS.</summary>
    [Id(2)] public required double West { get; init; }

    [Id(3)] public required double North { get; init; }

    [Id(4)] public required double Side { get; init; }

    /// <summary>The build's order; its sources are those alone that lie near the tile.</summary>
    [Id(5)] public required TerrainBuildOrder Build { get; init; }
}

/// <summary>A tile's end.</summary>
/// <param name="Unit">The tile's grain key.</param>
/// <param name="Name">Name of its file; empty when there is no height in it, and so no file.</param>
/// <param name="SizeBytes">Bytes of its file.</param>
/// <param name="Points">Points that it was made of.</param>
/// <param name="Failure">Why it could not be made; null when it is.</param>
/// <param name="Leaves">True when the tile's silo is being stopped: it is to be started again, which another silo does.</param>
[GenerateSerializer, Alias("grid.terrain-tile-report"), Immutable]
public sealed record TerrainTileReport(
    [property: Id(0)] string Unit,
    [property: Id(1)] int Index,
    [property: Id(2)] string Name,
    [property: Id(3)] long SizeBytes,
    [property: Id(4)] long Points,
    [property: Id(5)] string? Failure,
    [property: Id(6)] bool Leaves = false);

/// <summary>How far a model is.</summary>
[GenerateSerializer, Alias("grid.terrain-build-progress"), Immutable]
public sealed record TerrainBuildProgress
{
    [Id(0)] public required PyramidBuildStatus Status { get; init; }

    [Id(1)] public int TilesDone { get; init; }

    /// <summary>0 while planning.</summary>
    [Id(2)] public int TilesTotal { get; init; }

    /// <summary>Points that the finished tiles were made of; those of margins count for each tile.</summary>
    [Id(3)] public long Points { get; init; }

    /// <summary>Sentences naming file or tile and reason; the first 100.</summary>
    [Id(4)] public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>The finished tiles, as sources of a pyramid, by their names; empty before the end.</summary>
    [Id(5)] public IReadOnlyList<SourceRaster> Tiles { get; init; } = [];

    /// <summary>Share of the tiles done, 0 to 1.</summary>
    [Id(6)] public double Fraction { get; init; }

    [Id(7)] public DateTimeOffset? Started { get; init; }

    [Id(8)] public DateTimeOffset? Ended { get; init; }

    /// <summary>Estimate from the rate so far; null until there is one.</summary>
    [Id(9)] public TimeSpan? TimeLeft { get; init; }

    /// <summary>Points that went into tiles, a second, in millions.</summary>
    [Id(10)] public double MegapointsPerSecond { get; init; }
}
