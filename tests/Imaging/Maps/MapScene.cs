using Grid.Imaging.Codecs;
using Grid.Imaging.Gdal;
using Grid.Imaging.Maps;
using Grid.Imaging.Resampling;
using Grid.Tiling;

namespace Grid.Imaging.Tests.Maps;

/// <summary>A pyramid in memory around a place: waves of about twelve pixels' length in lossless tiles, the same waves on the ground at every level.</summary>
internal sealed class MapScene
{
    private readonly Dictionary<(string Level, TilePlace Place), StoredTile> _tiles = [];

    /// <param name="set">The pyramid's set.</param>
    /// <param name="longitude">Degrees of the middle.</param>
    /// <param name="latitude">Degrees of the middle.</param>
    /// <param name="levels">Ids of the levels; each spans <paramref name="tilesAcross"/> tiles around the middle.</param>
    public MapScene(string set, double longitude, double latitude, string[] levels, PixelFormat pixels, int tilesAcross = 4)
    {
        var tileMatrixSet = TileMatrixSets.Find(set)!;
        Crs = Tiling.Crs.Parse(tileMatrixSet.Crs).GdalName;
        double[] x = [longitude], y = [latitude];
        using (var transform = CoordinateTransforms.Rent(CrsExtent.Wgs84, Crs))
            transform?.Transform(x, y);
        var compression = pixels.Sample == SampleType.UInt8 ? TileCompression.Png : TileCompression.Zip;
        var made = new List<MapLevel>();
        foreach (var id in levels)
        {
            var matrix = tileMatrixSet.Find(id)!;
            long col = (long)Math.Floor((x[0] - matrix.OriginX) / matrix.CellSize / 256), row = (long)Math.Floor((matrix.OriginY - y[0]) / matrix.CellSize / 256);
            var limits = new TileLimits(row - (tilesAcross / 2), row + (tilesAcross / 2) - 1, col - (tilesAcross / 2), col + (tilesAcross / 2) - 1);
            made.Add(new MapLevel(matrix, limits, Crs));
            using var encoder = TileEncoder.Create(compression, pixels, 256, 256);
            for (var tileRow = limits.MinRow; tileRow <= limits.MaxRow; tileRow++)
            {
                for (var tileCol = limits.MinCol; tileCol <= limits.MaxCol; tileCol++)
                {
                    using var tile = Raster.Rent(256, 256, pixels);
                    Pictures.Fill(tile, (atX, atY, c) => Pictures.Wave(atX, atY, c), (tileCol - limits.MinCol) * 256, (tileRow - limits.MinRow) * 256);
                    _tiles[(id, new TilePlace(tileCol, tileRow))] = new StoredTile(encoder.Encode(tile.Pixels).ToArray(), null);
                }
            }
        }

        Pyramid = new MapPyramid(Crs, compression, pixels, [.. Enumerable.Repeat(0.0, pixels.Channels)], made);
    }

    public string Crs { get; }

    public MapPyramid Pyramid { get; }

    public DecodedTiles Decoded { get; } = new(64L << 20);

    /// <summary>Stored tiles that plans asked for.</summary>
    public int Fetched { get; private set; }

    /// <summary>Removes a tile from the store.</summary>
    public void Lose(string level, TilePlace place) => _tiles.Remove((level, place));

    /// <summary>Fetches the plan's tiles and draws it.</summary>
    public Raster Draw(MapPlan plan, int threads = 1)
    {
        using var tiles = new MapTiles(Pyramid, plan.Level, plan.Tiles, Decoded);
        foreach (var place in tiles.Missing.ToList())
        {
            Fetched++;
            if (_tiles.TryGetValue((plan.Level.Matrix.Id, place), out var tile))
                tiles.Put(place, tile);
        }

        return plan.Draw(tiles, threads, CancellationToken.None);
    }

    /// <summary>A level as one raster.</summary>
    public Raster Whole(MapLevel level)
    {
        var limits = level.Limits;
        var frame = new MapFrame(Crs, level.Extent, (int)(limits.MaxCol - limits.MinCol + 1) * 256, (int)(limits.MaxRow - limits.MinRow + 1) * 256);
        return Draw(MapPlan.Make(Pyramid, frame, Interpolation.Nearest)!);
    }
}
