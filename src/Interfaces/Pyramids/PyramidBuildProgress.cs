using Orleans;

namespace Grid.Interfaces.Pyramids;

/// <summary>Where a build stands.</summary>
[GenerateSerializer, Alias("grid.pyramid-build-status")]
public enum PyramidBuildStatus
{
    Unknown,
    Planning,
    Running,
    Finished,
    Failed,
    Aborted,
}

/// <summary>A build's progress as a number with an estimate of the time left.</summary>
[GenerateSerializer, Alias("grid.pyramid-build-progress"), Immutable]
public sealed record PyramidBuildProgress
{
    [Id(0)] public required PyramidBuildStatus Status { get; init; }

    [Id(1)] public long SlabsDone { get; init; }

    /// <summary>Slabs of all levels; 0 while planning.</summary>
    [Id(2)] public long SlabsTotal { get; init; }

    /// <summary>Tiles written so far, empty ones not counted.</summary>
    [Id(3)] public long Tiles { get; init; }

    /// <summary>Pixels of the lot, nodata included.</summary>
    [Id(4)] public long InputPixels { get; init; }

    /// <summary>Share of the work done, 0 to 1, weighted by the pixels of slabs.</summary>
    [Id(5)] public double Fraction { get; init; }

    [Id(6)] public DateTimeOffset? Started { get; init; }

    [Id(7)] public DateTimeOffset? Ended { get; init; }

    /// <summary>Estimate from the rate so far; null until there is one.</summary>
    [Id(8)] public TimeSpan? TimeLeft { get; init; }

    /// <summary>Input pixels per second so far, in millions.</summary>
    [Id(9)] public double MegapixelsPerSecond { get; init; }

    /// <summary>Levels finest first, with their slab limits; empty while planning.</summary>
    [Id(10)] public IReadOnlyList<LevelProgress> Levels { get; init; } = [];

    /// <summary>Sentences naming raster, slab and reason; the first 100.</summary>
    [Id(11)] public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>What the finished pyramid is; null before.</summary>
    [Id(12)] public PyramidSummary? Pyramid { get; init; }

    /// <summary>Slabs of the former pyramid that an update has taken over as they are, masks counted for themselves.</summary>
    [Id(13)] public long SlabsTakenOver { get; init; }
}

/// <summary>One level's slabs: how many there will be, how many are done, and the block they lie in (inclusive slab indices).</summary>
[GenerateSerializer, Alias("grid.level-progress"), Immutable]
public sealed record LevelProgress(
    [property: Id(0)] string Level,
    [property: Id(1)] long SlabsDone,
    [property: Id(2)] long SlabsTotal,
    [property: Id(3)] long MinCol,
    [property: Id(4)] long MinRow,
    [property: Id(5)] long MaxCol,
    [property: Id(6)] long MaxRow);

/// <summary>A finished pyramid, in the Entrepôt's words (stored data <c>type_infos</c> of ROK4-PYRAMID-RASTER).</summary>
[GenerateSerializer, Alias("grid.pyramid-summary"), Immutable]
public sealed record PyramidSummary
{
    /// <summary>Key of the descriptor in the store of pyramids.</summary>
    [Id(0)] public required string DescriptorKey { get; init; }

    [Id(1)] public required string TileMatrixSet { get; init; }

    /// <summary>Level ids, coarsest first.</summary>
    [Id(2)] public required IReadOnlyList<string> Levels { get; init; }

    /// <summary>UINT8 or FLOAT32.</summary>
    [Id(3)] public required string SampleFormat { get; init; }

    [Id(4)] public required int Channels { get; init; }

    /// <summary>RAW, JPG, JPG90, PNG or ZIP.</summary>
    [Id(5)] public required string Compression { get; init; }

    /// <summary>Comma-separated, one value a channel, as in the descriptor.</summary>
    [Id(6)] public required string Nodata { get; init; }

    [Id(7)] public required long SizeBytes { get; init; }

    /// <summary>West, south, east, north of the data in degrees.</summary>
    [Id(8)] public required IReadOnlyList<double> Bounds { get; init; }

    /// <summary>Pixels of the lot, nodata included.</summary>
    [Id(9)] public required long InputPixels { get; init; }

    /// <summary>The descriptor's JSON text, so that whoever serves the pyramid need not read the store.</summary>
    [Id(10)] public required string Descriptor { get; init; }

    /// <summary>The files that the pyramid was made of, where they are kept with it; null where they are not.</summary>
    [Id(11)] public RasterTiles? Tiles { get; init; }
}

/// <summary>A page of the journal of finished slabs, and the position to ask for next.</summary>
[GenerateSerializer, Alias("grid.finished-slabs"), Immutable]
public sealed record FinishedSlabs([property: Id(0)] IReadOnlyList<FinishedSlab> Slabs, [property: Id(1)] int Next);

/// <summary>A slab that was written, or found to be empty and so not written (<paramref name="Tiles"/> 0).</summary>
[GenerateSerializer, Alias("grid.finished-slab"), Immutable]
public readonly record struct FinishedSlab(
    [property: Id(0)] string Level, [property: Id(1)] long Col, [property: Id(2)] long Row, [property: Id(3)] int Tiles, [property: Id(4)] long Bytes);
