using System.Globalization;

namespace Grid.Tiling;

/// <summary>
/// What a pyramid is, as ROK4's <c>NAME.json</c> says it beside the pyramid's folder. <see cref="PyramidDescriptorJson"/> reads and writes it.
/// </summary>
public sealed record PyramidDescriptor
{
    /// <summary>Name of the tile matrix set, without <c>.json</c>.</summary>
    public required string TileMatrixSet { get; init; }

    public required PyramidFormat Format { get; init; }

    /// <summary>True when mask slabs are stored (<c>mask_format</c>, always <c>TIFF_ZIP_UINT8</c>).</summary>
    public bool HasMask { get; init; }

    /// <summary>Null for vector pyramids only.</summary>
    public RasterSpecifications? Raster { get; init; }

    /// <summary>Coarsest first.</summary>
    public required IReadOnlyList<PyramidLevel> Levels { get; init; }

    public PyramidLevel? FindLevel(string id) => Levels.FirstOrDefault(level => level.Id == id);
}

/// <summary>What the pixels of a raster pyramid are.</summary>
/// <param name="Channels">1 to 4.</param>
/// <param name="Nodata">Comma-separated values, one a channel.</param>
/// <param name="Photometric">gray, rgb or mask.</param>
/// <param name="Interpolation">nn, linear, bicubic or lanczos.</param>
public sealed record RasterSpecifications(int Channels, string Nodata, string Photometric, string Interpolation)
{
    /// <summary><see cref="Nodata"/> as numbers, one a channel.</summary>
    public IReadOnlyList<double> NodataValues =>
        [.. Nodata.Split(',').Select(value => double.Parse(value.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture))];

    /// <summary>The descriptor's way of writing nodata values.</summary>
    public static string WriteNodata(IEnumerable<double> values) =>
        string.Join(',', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
}

/// <summary>One level of a pyramid: the tiles it spans, and where its slabs are.</summary>
/// <param name="Id">A level of the pyramid's tile matrix set.</param>
/// <param name="Slabs">Tiles a slab packs.</param>
/// <param name="Limits">Tiles that may exist; none exists outside.</param>
public sealed record PyramidLevel(string Id, SlabSize Slabs, TileLimits Limits, PyramidStorage Storage);

/// <summary>Where the slabs of a level are.</summary>
public abstract record PyramidStorage
{
    private protected PyramidStorage()
    {
    }

    /// <summary>
    /// The key of a slab: for a folder, its path relative to the descriptor; for objects, its name in the container. Throws
    /// <see cref="InvalidPyramidException"/> when a mask is asked of a level without any.
    /// </summary>
    public abstract string SlabKey(SlabKind kind, long col, long row);

    /// <summary>Whether the level has slabs of masks.</summary>
    public abstract bool HasMasks { get; }

    /// <summary>
    /// The object key of a slab in the store that holds the pyramid: a folder's slabs are named relative to the descriptor, whose folder is
    /// <paramref name="prefix"/> (no slash at the end); an object's name stands alone, since it has its pyramid's prefix in it.
    /// </summary>
    public string SlabKeyUnder(string prefix, SlabKind kind, long col, long row) =>
        this is FilePyramidStorage ? $"{prefix}/{SlabKey(kind, col, row)}" : SlabKey(kind, col, row);
}

/// <summary>Slabs in folders (ROK4's FILE); directories are relative to the descriptor's folder.</summary>
public sealed record FilePyramidStorage(string ImageDirectory, string? MaskDirectory = null, int PathDepth = SlabNaming.DefaultPathDepth) : PyramidStorage
{
    /// <summary>The usual place: <c>NAME/DATA/LEVEL</c>.</summary>
    public static FilePyramidStorage Of(string pyramidName, string level, bool mask, int pathDepth = SlabNaming.DefaultPathDepth) =>
        new($"{pyramidName}/DATA/{level}", mask ? $"{pyramidName}/MASK/{level}" : null, pathDepth);

    public override bool HasMasks => MaskDirectory is not null;

    public override string SlabKey(SlabKind kind, long col, long row) =>
        $"{(kind == SlabKind.Data ? ImageDirectory : MaskDirectory ?? throw new InvalidPyramidException($"{ImageDirectory} has no masks beside it."))}/{SlabNaming.FilePath(col, row, PathDepth)}";
}

/// <summary>Slabs in an object store: ROK4's S3, SWIFT or CEPH.</summary>
/// <param name="Kind">S3, SWIFT or CEPH.</param>
/// <param name="Container">Bucket, container or pool; an S3 bucket may be <c>bucket@host</c>.</param>
/// <param name="ImagePrefix">What stands before <c>_COL_ROW</c>: <c>NAME/DATA_LEVEL</c>.</param>
/// <param name="MaskPrefix">Likewise for masks.</param>
public sealed record ObjectPyramidStorage(string Kind, string Container, string ImagePrefix, string? MaskPrefix = null) : PyramidStorage
{
    /// <summary>The usual names: <c>NAME/DATA_LEVEL_COL_ROW</c>.</summary>
    public static ObjectPyramidStorage Of(string kind, string container, string pyramidName, string level, bool mask) =>
        new(kind, container, $"{pyramidName}/DATA_{level}", mask ? $"{pyramidName}/MASK_{level}" : null);

    public override bool HasMasks => MaskPrefix is not null;

    public override string SlabKey(SlabKind kind, long col, long row)
    {
        var prefix = kind == SlabKind.Data ? ImagePrefix : MaskPrefix ?? throw new InvalidPyramidException($"{ImagePrefix} has no masks beside it.");
        return string.Create(CultureInfo.InvariantCulture, $"{prefix}_{col}_{row}");
    }
}

/// <summary>A descriptor, list or format that breaks the pyramid specification; the message says where and what is allowed.</summary>
public sealed class InvalidPyramidException(string message, Exception? inner = null) : FormatException(message, inner);
