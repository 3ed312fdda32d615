using Orleans;

namespace Grid.Interfaces.Pyramids;

/// <summary>Everything that decides a pyramid's bytes: the same order over the same files gives the same slabs.</summary>
[GenerateSerializer, Alias("grid.pyramid-build-order"), Immutable]
public sealed record PyramidBuildOrder
{
    /// <summary>The pyramid's name: the file name of its descriptor and of its folder.</summary>
    [Id(0)] public required string PyramidName { get; init; }

    /// <summary>Key prefix under which descriptor, list and slabs are stored, for example <c>pyramids/4c…</c>; no slash at the end.</summary>
    [Id(1)] public required string StoragePrefix { get; init; }

    /// <summary>The lot, in the order of overlap: a later raster covers an earlier one wherever it has data.</summary>
    [Id(2)] public required IReadOnlyList<SourceRaster> Sources { get; init; }

    /// <summary>CRS of the rasters, authority and code.</summary>
    [Id(3)] public required string SourceCrs { get; init; }

    /// <summary>Tile matrix set name, for example <c>PM</c>.</summary>
    [Id(4)] public required string TileMatrixSet { get; init; }

    /// <summary>Finest level; null takes the coarsest one that is at least as fine as the sources.</summary>
    [Id(5)] public string? BottomLevel { get; init; }

    /// <summary>Coarsest level; null goes up to the set's first.</summary>
    [Id(6)] public string? TopLevel { get; init; }

    /// <summary>raw, jpg, jpg90, png, zip, jpgpng or webp.</summary>
    [Id(7)] public required string Compression { get; init; }

    /// <summary>nn, linear, bicubic or lanczos.</summary>
    [Id(8)] public required string Interpolation { get; init; }

    /// <summary>UINT8 or FLOAT32; null takes the sources'.</summary>
    [Id(9)] public string? SampleFormat { get; init; }

    /// <summary>1 to 4; null takes the sources'.</summary>
    [Id(10)] public int? Channels { get; init; }

    /// <summary>Value of pixels without data, one a channel; null takes the sources' or, failing that, white (UINT8) or -99999 (FLOAT32).</summary>
    [Id(11)] public IReadOnlyList<double>? Nodata { get; init; }

    /// <summary>Whether mask slabs are stored beside the data.</summary>
    [Id(12)] public bool Mask { get; init; }

    [Id(13)] public int TilesPerWidth { get; init; } = 16;

    [Id(14)] public int TilesPerHeight { get; init; } = 16;

    /// <summary>The pyramid that an update begins from, whose set, levels and formats are this order's; null for a build from nothing.</summary>
    [Id(15)] public FormerPyramidOrder? Former { get; init; }

    /// <summary>
    /// Polygon (WKT, longitude and latitude in degrees) that an update is bound to: inside, the former pixels go and only the sources' stay; outside,
    /// nothing changes. Null: the sources cover what was there wherever they have data. With an area there may be no source. For a harvest, what is harvested; for a
    /// merge, what is merged, by whole slabs.
    /// </summary>
    [Id(16)] public string? Area { get; init; }

    /// <summary>
    /// The level of <see cref="Former"/> that is kept, with all finer ones, while those above are made anew from it; null in other orders. There is no source then.
    /// </summary>
    [Id(17)] public string? KeptLevel { get; init; }

    /// <summary>Pyramids that are merged to this one, the one on top first; they share set, slab size and pixel format. Empty for other orders.</summary>
    [Id(18)] public IReadOnlyList<FormerPyramidOrder> Merged { get; init; } = [];

    /// <summary>TOP, ALPHATOP, MULTIPLY or REPLACE: how merged pyramids lie over one another.</summary>
    [Id(19)] public string MergeMethod { get; init; } = "TOP";

    /// <summary>West, south, east, north in degrees of what is merged, by whole slabs; null merges all.</summary>
    [Id(20)] public IReadOnlyList<double>? Bbox { get; init; }

    /// <summary>The map service that is harvested, over <see cref="Area"/>; null for other orders. There is no raster then.</summary>
    [Id(21)] public HarvestOrder? Harvest { get; init; }

    /// <summary>Slabs of <see cref="Merged"/> with fewer bytes are not taken over; 0 takes all.</summary>
    [Id(22)] public long LeastSlabBytes { get; init; }

    /// <summary>
    /// The finest level that each group of <see cref="Sources"/> is for, finest group first; it feeds the levels from there up to the next group's. Empty when
    /// all feed <see cref="BottomLevel"/>.
    /// </summary>
    [Id(23)] public IReadOnlyList<SourceGroup> SourceGroups { get; init; } = [];

    /// <summary>How far from nodata a sample of a pixel without data may be.</summary>
    [Id(24)] public double NodataTolerance { get; init; }

    /// <summary>ROK4's correction of the levels that are 2×2 means, 8-bit samples alone; 1 for none.</summary>
    [Id(25)] public double Gamma { get; init; } = 1;

    /// <summary>Whether pixels with the value of nodata lack data only where their raster's border can be reached from them through their like.</summary>
    [Id(26)] public bool NodataAtEdges { get; init; }
}

/// <summary>Some of a build's rasters, which feed the levels from one up.</summary>
/// <param name="Level">The finest level that is made from them.</param>
/// <param name="Rasters">How many they are, in the order's sequence of rasters.</param>
/// <param name="Crs">Their CRS, authority and code.</param>
[GenerateSerializer, Alias("grid.source-group"), Immutable]
public sealed record SourceGroup([property: Id(0)] string Level, [property: Id(1)] int Rasters, [property: Id(2)] string Crs);


/// <summary>Maps of a service, as sources of a pyramid.</summary>
[GenerateSerializer, Alias("grid.harvest-order"), Immutable]
public sealed record HarvestOrder
{
    /// <summary>Address of the WMS.</summary>
    [Id(0)] public required string Url { get; init; }

    /// <summary>Names of the layers, comma-separated.</summary>
    [Id(1)] public required string Layers { get; init; }

    /// <summary>MIME type of the maps.</summary>
    [Id(2)] public required string Format { get; init; }

    /// <summary>More of the query, such as <c>apikey=…&amp;transparent=true</c>.</summary>
    [Id(3)] public string Extras { get; init; } = "";

    /// <summary>The levels that are harvested; each feeds those above it, up to the next of them.</summary>
    [Id(4)] public required IReadOnlyList<string> Levels { get; init; }

    /// <summary>Pixels of the largest map.</summary>
    [Id(5)] public int MaxWidth { get; init; } = 1024;

    [Id(6)] public int MaxHeight { get; init; } = 1024;

    /// <summary>A map of no more bytes has no data.</summary>
    [Id(7)] public int MinBytes { get; init; }

    /// <summary>Whether pixels with the value of nodata are data, as they are in an update that says no other.</summary>
    [Id(8)] public bool KeepsNodata { get; init; }

    /// <summary>Whether maps that reach beyond the area count within it alone, as they do in an update.</summary>
    [Id(9)] public bool IsClipped { get; init; }
}

/// <summary>A finished pyramid from which another begins.</summary>
/// <param name="StoragePrefix">Key prefix of its descriptor, list and slabs.</param>
/// <param name="PyramidName">File name of its descriptor and its folder.</param>
/// <param name="Descriptor">The descriptor's JSON text.</param>
/// <param name="Bounds">West, south, east, north of its data in degrees.</param>
[GenerateSerializer, Alias("grid.former-pyramid-order"), Immutable]
public sealed record FormerPyramidOrder(
    [property: Id(0)] string StoragePrefix,
    [property: Id(1)] string PyramidName,
    [property: Id(2)] string Descriptor,
    [property: Id(3)] IReadOnlyList<double> Bounds);

/// <summary>One raster of a lot.</summary>
/// <param name="Key">Object key in the store of uploads.</param>
/// <param name="Name">The name its producer knows it by; failures name it so.</param>
/// <param name="ETag">Names the object's content, as it was when it was delivered; null when that is not known.</param>
[GenerateSerializer, Alias("grid.source-raster"), Immutable]
public sealed record SourceRaster([property: Id(0)] string Key, [property: Id(1)] string Name, [property: Id(2)] string? ETag = null);
