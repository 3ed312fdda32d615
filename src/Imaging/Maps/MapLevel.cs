using System.Collections.Concurrent;
using Grid.Imaging.Codecs;
using Grid.Imaging.Gdal;
using Grid.Imaging.Pyramids;
using Grid.Tiling;

namespace Grid.Imaging.Maps;

/// <summary>A level of a pyramid that maps are drawn from. A host derives from it to keep beside it what it needs to find the tiles.</summary>
public class MapLevel(TileMatrix matrix, TileLimits limits, string crs)
{
    private const int MaxReaches = 256;
    private readonly ConcurrentDictionary<string, Extent?> _reaches = new(StringComparer.OrdinalIgnoreCase);

    public TileMatrix Matrix { get; } = matrix;

    /// <summary>Tiles that may exist; none exists outside.</summary>
    public TileLimits Limits { get; } = limits;

    /// <summary>The pixels of the whole matrix.</summary>
    public PixelGrid Grid { get; } = new(
        matrix.OriginX, matrix.OriginY, matrix.CellSize, matrix.CellSize, matrix.MatrixWidth * matrix.TileWidth, matrix.MatrixHeight * matrix.TileHeight);

    /// <summary>The rectangle of the tiles that may exist, in the pyramid's CRS.</summary>
    public Extent Extent { get; } = matrix.TileExtent(limits.MinCol, limits.MinRow, limits.MaxCol - limits.MinCol + 1, limits.MaxRow - limits.MinRow + 1);

    /// <summary>A rectangle of another CRS outside which the level shows nothing; null when that cannot be told, for it may be in two pieces.</summary>
    public Extent? ReachIn(string other)
    {
        if (_reaches.TryGetValue(other, out var known))
            return known;
        var reach = Reach(other);
        return _reaches.Count < MaxReaches ? _reaches[other] = reach : reach;
    }

    private Extent? Reach(string other)
    {
        if (CrsComparison.SameCrs(crs, other))
            return Extent;
        try
        {
            var image = CrsExtent.Image(Extent, crs, other, out var isTorn);
            return isTorn ? null : image;
        }
        catch (GdalException)
        {
            return null;
        }
    }
}

/// <summary>The levels that one layer of a map is drawn from, coarsest first, and what their pixels are. Safe for concurrent use.</summary>
public sealed class MapPyramid
{
    /// <param name="crs">CRS of the levels by the name that GDAL knows.</param>
    /// <param name="compression">How tiles are compressed.</param>
    /// <param name="pixels">What a pixel is.</param>
    /// <param name="nodata">Value of pixels without data, one a channel.</param>
    /// <param name="levels">At least one, in any order.</param>
    public MapPyramid(string crs, TileCompression compression, PixelFormat pixels, IReadOnlyList<double> nodata, IEnumerable<MapLevel> levels)
    {
        Crs = crs;
        Compression = compression;
        Pixels = pixels;
        Nodata = nodata;
        NodataPixel = NodataPixels.PixelOf(pixels, nodata);
        Levels = [.. levels.OrderByDescending(level => level.Matrix.CellSize)];
    }

    public string Crs { get; }

    public TileCompression Compression { get; }

    public PixelFormat Pixels { get; }

    public IReadOnlyList<double> Nodata { get; }

    public IReadOnlyList<MapLevel> Levels { get; }

    internal byte[] NodataPixel { get; }
}

/// <summary>A tile as it is stored, and its mask where masks are stored; both empty where there is none.</summary>
public readonly record struct StoredTile(ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte>? Mask);

/// <summary>A tile of a level.</summary>
public readonly record struct TilePlace(long Col, long Row);
