using Orleans;

namespace Grid.Interfaces.Operations;

/// <summary>What one process of a grid, a silo or a frontend or both, tells of itself. Rates are those since its report before.</summary>
[GenerateSerializer, Alias("grid.process-report"), Immutable]
public sealed record ProcessReport
{
    /// <summary>The silo's name, or the frontend's.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>silo, frontend, or silo and frontend.</summary>
    [Id(1)] public required string Role { get; init; }

    [Id(2)] public required string Machine { get; init; }

    [Id(3)] public required int ProcessId { get; init; }

    [Id(4)] public required string Version { get; init; }

    [Id(5)] public required DateTimeOffset Started { get; init; }

    /// <summary>When the report was made, by the process's clock.</summary>
    [Id(6)] public required DateTimeOffset Time { get; init; }

    /// <summary>Cores that the process may use.</summary>
    [Id(7)] public required int Cores { get; init; }

    /// <summary>Share of those cores that it used, 0 to 1.</summary>
    [Id(8)] public double ProcessorShare { get; init; }

    /// <summary>Bytes of memory that are the process's now.</summary>
    [Id(9)] public long MemoryBytes { get; init; }

    /// <summary>Bytes that it may have: the machine's, or its container's.</summary>
    [Id(10)] public long MemoryLimitBytes { get; init; }

    /// <summary>Grains active in the process, by type.</summary>
    [Id(11)] public IReadOnlyList<GrainCount> Grains { get; init; } = [];

    [Id(12)] public IReadOnlyList<QueueReport> Queues { get; init; } = [];

    [Id(13)] public IReadOnlyList<CacheReport> Caches { get; init; } = [];

    /// <summary>Tiles answered; null in a process that serves none.</summary>
    [Id(14)] public TileReport? Tiles { get; init; }

    /// <summary>Slabs finished a second.</summary>
    [Id(15)] public double SlabsPerSecond { get; init; }

    /// <summary>Pixels of lots worked off a second, by the builds that this process leads.</summary>
    [Id(16)] public double PixelsPerSecond { get; init; }

    /// <summary>Points worked off a second.</summary>
    [Id(17)] public double PointsPerSecond { get; init; }

    /// <summary>The last warnings and errors, newest first.</summary>
    [Id(18)] public IReadOnlyList<ErrorReport> Errors { get; init; } = [];
}

/// <summary>Active grains of one type.</summary>
[GenerateSerializer, Alias("grid.grain-count"), Immutable]
public sealed record GrainCount([property: Id(0)] string Type, [property: Id(1)] int Count);

/// <summary>Places for work of one kind: how many there are, are taken, and are waited for.</summary>
[GenerateSerializer, Alias("grid.queue-report"), Immutable]
public sealed record QueueReport([property: Id(0)] string Name, [property: Id(1)] int Places, [property: Id(2)] int Active, [property: Id(3)] int Waiting);

/// <summary>Bytes kept in memory, and the most that may be.</summary>
[GenerateSerializer, Alias("grid.cache-report"), Immutable]
public sealed record CacheReport([property: Id(0)] string Name, [property: Id(1)] long Bytes, [property: Id(2)] long LimitBytes);

/// <summary>How a frontend served tiles.</summary>
/// <param name="HitRatio">Share that came from its own memory of those that had to be sent, 0 to 1; null when there were none.</param>
/// <param name="MedianSeconds">Half of them took no longer; null when there were none.</param>
/// <param name="SlowSeconds">99 of 100 took no longer; null when there were none.</param>
[GenerateSerializer, Alias("grid.tile-report"), Immutable]
public sealed record TileReport(
    [property: Id(0)] double PerSecond, [property: Id(1)] double? HitRatio, [property: Id(2)] double? MedianSeconds, [property: Id(3)] double? SlowSeconds);

/// <summary>A warning or an error, logged <paramref name="Count"/> times, the last time at <paramref name="Time"/>.</summary>
/// <param name="Level">warning, error or critical.</param>
/// <param name="Source">What logged it.</param>
[GenerateSerializer, Alias("grid.error-report"), Immutable]
public sealed record ErrorReport(
    [property: Id(0)] DateTimeOffset Time, [property: Id(1)] string Level, [property: Id(2)] string Source, [property: Id(3)] string Message, [property: Id(4)] long Count);
