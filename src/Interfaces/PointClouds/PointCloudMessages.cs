using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Interfaces.PointClouds;

/// <summary>Which COPC files a build makes.</summary>
[GenerateSerializer, Alias("grid.point-cloud-outputs")]
[Flags]
public enum PointCloudOutputs
{
    None = 0,

    /// <summary>One of all tiles together.</summary>
    Block = 1,

    /// <summary>One a tile.</summary>
    Tiles = 2,

    /// <summary>3D Tiles of the block, or of each file where no block is made.</summary>
    Tilesets = 4,
}

/// <summary>Everything that decides the files' bytes: the same order over the same tiles gives the same files.</summary>
[GenerateSerializer, Alias("grid.point-cloud-build-order"), Immutable]
public sealed record PointCloudBuildOrder
{
    /// <summary>Name of the block's file, without extension.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>Key prefix under which all is stored; no slash at the end.</summary>
    [Id(1)] public required string StoragePrefix { get; init; }

    /// <summary>The tiles.</summary>
    [Id(2)] public required IReadOnlyList<SourceCloud> Sources { get; init; }

    /// <summary>CRS of the delivery, authority and code.</summary>
    [Id(3)] public required string Crs { get; init; }

    [Id(4)] public required PointCloudOutputs Outputs { get; init; }
}

/// <summary>One file of a delivery.</summary>
/// <param name="Key">Object key in the store of uploads.</param>
/// <param name="Name">The path that its producer knows it by; failures name it so.</param>
[GenerateSerializer, Alias("grid.source-cloud"), Immutable]
public sealed record SourceCloud([property: Id(0)] string Key, [property: Id(1)] string Name);

/// <summary>What a unit does.</summary>
[GenerateSerializer, Alias("grid.point-cloud-unit-kind")]
public enum PointCloudUnitKind
{
    /// <summary>Reads a tile and splits its points into cells.</summary>
    Split,

    /// <summary>Builds the octants of a cell.</summary>
    Cell,

    /// <summary>Joins what finer units hand over.</summary>
    Join,

    /// <summary>Puts a file together.</summary>
    File,

    /// <summary>Makes 3D Tiles of a range of a file's octants.</summary>
    Tiling,

    /// <summary>Writes the documents of a tileset.</summary>
    Tileset,

    /// <summary>Puts the file of one tile together, of the octants that the block's has of it.</summary>
    TileFile,
}

/// <summary>What a unit is told; the plan it reads in the store.</summary>
[GenerateSerializer, Alias("grid.point-cloud-unit-order"), Immutable]
public sealed record PointCloudUnitOrder
{
    [Id(0)] public required string BuildId { get; init; }

    /// <summary>Key prefix of the file's plan and of what its units hand to each other.</summary>
    [Id(1)] public required string WorkPrefix { get; init; }

    [Id(2)] public required PointCloudUnitKind Kind { get; init; }

    /// <summary>The tile of a <see cref="PointCloudUnitKind.Split"/> or <see cref="PointCloudUnitKind.TileFile"/>; null for other kinds.</summary>
    [Id(3)] public SourceCloud? Source { get; init; }

    /// <summary>Index of <see cref="Source"/> in the order of the build.</summary>
    [Id(4)] public int SourceIndex { get; init; }

    /// <summary>
    /// The octant (level-x-y-z) of a <see cref="PointCloudUnitKind.Cell"/>, a <see cref="PointCloudUnitKind.Join"/> or a <see cref="PointCloudUnitKind.TileFile"/>;
    /// empty for other kinds.
    /// </summary>
    [Id(5)] public string Octant { get; init; } = "";

    /// <summary>The units that a join takes over from, or that a file is put together of, by octant.</summary>
    [Id(6)] public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>First byte of a cell's part of the list of cells.</summary>
    [Id(7)] public long ListOffset { get; init; }

    /// <summary>Bytes of that part.</summary>
    [Id(8)] public int ListBytes { get; init; }

    /// <summary>
    /// Key of the finished file, for a <see cref="PointCloudUnitKind.File"/>, a <see cref="PointCloudUnitKind.TileFile"/> and what comes after them; empty for
    /// other kinds.
    /// </summary>
    [Id(9)] public string OutputKey { get; init; } = "";

    /// <summary>Key prefix of the tileset; empty for kinds that have nothing to do with one.</summary>
    [Id(10)] public string TilesetPrefix { get; init; } = "";

    /// <summary>CRS of the delivery, for tilesets and tiles' files.</summary>
    [Id(11)] public string Crs { get; init; } = "";

    /// <summary>First octants of all units of <see cref="PointCloudUnitKind.Tiling"/>, and how many there are, for these and for the documents.</summary>
    [Id(12)] public IReadOnlyList<int> Ranges { get; init; } = [];

    /// <summary>Which of <see cref="Ranges"/> a unit of <see cref="PointCloudUnitKind.Tiling"/> does.</summary>
    [Id(13)] public int Range { get; init; }
}

/// <summary>A unit's end.</summary>
/// <param name="Unit">The unit's grain key.</param>
/// <param name="Points">Points that it handled.</param>
/// <param name="Failure">Why it could not be done; null when it is done.</param>
/// <param name="File">What a <see cref="PointCloudUnitKind.File"/>, a <see cref="PointCloudUnitKind.TileFile"/> or a <see cref="PointCloudUnitKind.Tileset"/> made; null for other kinds.</param>
/// <param name="Leaves">True when the unit's silo is being stopped: it is to be started again, which another silo does.</param>
[GenerateSerializer, Alias("grid.point-cloud-unit-report"), Immutable]
public sealed record PointCloudUnitReport(
    [property: Id(0)] string Unit,
    [property: Id(1)] long Points,
    [property: Id(2)] string? Failure,
    [property: Id(3)] PointCloudFile? File,
    [property: Id(4)] bool Leaves = false);

/// <summary>A finished COPC file.</summary>
[GenerateSerializer, Alias("grid.point-cloud-file"), Immutable]
public sealed record PointCloudFile
{
    /// <summary>File name, with extension.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>Object key in the store of pyramids.</summary>
    [Id(1)] public required string Key { get; init; }

    [Id(2)] public required long SizeBytes { get; init; }

    [Id(3)] public required long Points { get; init; }

    /// <summary>6, 7 or 8.</summary>
    [Id(4)] public required int PointFormat { get; init; }

    /// <summary>Least x, y, z, then greatest, in the CRS of the delivery, easting first.</summary>
    [Id(5)] public required IReadOnlyList<double> Bounds { get; init; }

    /// <summary>True for the file of the whole block.</summary>
    [Id(6)] public bool IsBlock { get; init; }

    /// <summary>Key prefix of its 3D Tiles; null when there is none.</summary>
    [Id(7)] public string? TilesetPrefix { get; init; }

    /// <summary>How heights became ellipsoidal in the tileset: a sentence; null when there is none.</summary>
    [Id(8)] public string? TilesetHeights { get; init; }

    /// <summary>Bytes of the tileset.</summary>
    [Id(9)] public long TilesetBytes { get; init; }
}

/// <summary>A build's progress as a number with an estimate of the time left.</summary>
[GenerateSerializer, Alias("grid.point-cloud-build-progress"), Immutable]
public sealed record PointCloudBuildProgress
{
    [Id(0)] public required PyramidBuildStatus Status { get; init; }

    [Id(1)] public int FilesDone { get; init; }

    /// <summary>0 while planning.</summary>
    [Id(2)] public int FilesTotal { get; init; }

    /// <summary>Points of the delivery; 0 while planning.</summary>
    [Id(3)] public long Points { get; init; }

    /// <summary>Share of the work done, 0 to 1.</summary>
    [Id(4)] public double Fraction { get; init; }

    [Id(5)] public DateTimeOffset? Started { get; init; }

    [Id(6)] public DateTimeOffset? Ended { get; init; }

    /// <summary>Estimate from the rate so far; null until there is one.</summary>
    [Id(7)] public TimeSpan? TimeLeft { get; init; }

    /// <summary>Points that went into finished and unfinished files, a second, in millions.</summary>
    [Id(8)] public double MegapointsPerSecond { get; init; }

    /// <summary>Sentences naming file and reason; the first 100.</summary>
    [Id(9)] public IReadOnlyList<string> Failures { get; init; } = [];

    /// <summary>What the finished build has made; null before.</summary>
    [Id(10)] public PointCloudSummary? Cloud { get; init; }
}

/// <summary>What a finished build has made (stored data of type PYRAMID-3D-COPC).</summary>
[GenerateSerializer, Alias("grid.point-cloud-summary"), Immutable]
public sealed record PointCloudSummary
{
    /// <summary>The block's first, then the tiles' by name.</summary>
    [Id(0)] public required IReadOnlyList<PointCloudFile> Files { get; init; }

    /// <summary>CRS, authority and code.</summary>
    [Id(1)] public required string Crs { get; init; }

    /// <summary>West, south, east, north in degrees.</summary>
    [Id(2)] public required IReadOnlyList<double> Bounds { get; init; }

    /// <summary>Points of the delivery.</summary>
    [Id(3)] public required long Points { get; init; }

    [Id(4)] public required long SizeBytes { get; init; }
}
