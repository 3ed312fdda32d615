using Grid.Tiling;

namespace Grid.Imaging.Inspection;

/// <summary>The type of one sample as the file stores it.</summary>
public enum StoredSample
{
    UInt8,
    UInt16,
    Int16,
    UInt32,
    Int32,
    Float32,
    Float64,
}

/// <summary>What the samples of a pixel mean. JPEG's YCbCr counts as <see cref="Rgb"/>: it is decoded to it.</summary>
public enum ColourModel
{
    Gray,
    Rgb,
    Palette,
    Other,
}

/// <summary>How a file says which pixels hold data.</summary>
public enum MaskKind
{
    None,
    Nodata,
    Alpha,

    /// <summary>A one-band mask inside the file or beside it (<c>.msk</c>).</summary>
    Band,
}

/// <summary>How rows and columns lie on the ground.</summary>
public enum Orientation
{
    /// <summary>The file carries no georeference.</summary>
    Unplaced,

    /// <summary>The first row is the northernmost.</summary>
    NorthUp,

    /// <summary>The first row is the southernmost: read with its rows reversed.</summary>
    SouthUp,

    /// <summary>Rotated, sheared or mirrored east to west: refused.</summary>
    Rotated,
}

/// <summary>What a raster is, from its header alone.</summary>
public sealed record RasterInfo
{
    /// <summary>The name its producer knows it by.</summary>
    public required string Name { get; init; }

    /// <summary>GDAL's short name of the format, for example <c>GTiff</c>.</summary>
    public required string Driver { get; init; }

    /// <summary>Bytes of the file, or 0 when the store does not tell.</summary>
    public long LengthBytes { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>All bands, alpha included.</summary>
    public required int Bands { get; init; }

    public required StoredSample Sample { get; init; }

    /// <summary>Significant bits, fewer than the type's for 1, 2 or 4-bit files.</summary>
    public required int BitsPerSample { get; init; }

    public required ColourModel Colour { get; init; }

    /// <summary>The number of the alpha band from 1, or 0 without one.</summary>
    public int AlphaBand { get; init; }

    /// <summary>The declared nodata value of each band; null where none is declared.</summary>
    public required IReadOnlyList<double?> Nodata { get; init; }

    public required MaskKind Mask { get; init; }

    /// <summary>GDAL's name of the compression (<c>JPEG</c>, <c>DEFLATE</c>…), or null when there is none.</summary>
    public string? Compression { get; init; }

    public required int BlockWidth { get; init; }

    public required int BlockHeight { get; init; }

    /// <summary>The CRS's own name, or null when the file carries none.</summary>
    public string? CrsName { get; init; }

    /// <summary>Authority and code of the CRS, or null when the file names none.</summary>
    public string? CrsAuthority { get; init; }

    /// <summary>The CRS as WKT, or null when the file carries none.</summary>
    public string? CrsWkt { get; init; }

    public required Orientation Orientation { get; init; }

    /// <summary>True when the format can hold a CRS beside the georeference, and holds the georeference: then a missing CRS is an omission of the writer.</summary>
    public bool CouldHoldCrs { get; init; }

    /// <summary>The north-up grid of the pixels, or null when <see cref="Orientation"/> is neither north-up nor south-up.</summary>
    public PixelGrid? Grid { get; init; }

    /// <summary>The rectangle of the pixels' outer edges in the raster's CRS, or null as <see cref="Grid"/>.</summary>
    public Extent? Extent => Grid is { } grid ? ExtentOf(grid) : null;

    /// <summary>The CRS as text that names it best: its code, else its WKT; null when there is none.</summary>
    public string? Crs => CrsAuthority ?? CrsWkt;

    public long Pixels => (long)Width * Height;

    /// <summary>Bands without alpha, in the colour model as decoded: a palette counts three.</summary>
    public int ColourChannels => Colour == ColourModel.Palette ? 3 : Bands - (AlphaBand > 0 ? 1 : 0);

    internal static Extent ExtentOf(PixelGrid grid) => new(
        grid.OriginX, grid.OriginY - (grid.Height * grid.CellY), grid.OriginX + (grid.Width * grid.CellX), grid.OriginY);
}
