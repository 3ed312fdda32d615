using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;

namespace Grid.Imaging.Maps;

/// <summary>
/// The tiles that one layer of one map needs: those that other maps left decoded are held from the beginning, the others are put in as they are stored
/// and decoded when they are first read, by one thread each.
/// </summary>
public sealed class MapTiles : IDisposable
{
    private static readonly PixelFormat MaskPixels = new(SampleType.UInt8, 1);

    private readonly MapPyramid _pyramid;
    private readonly MapLevel _level;
    private readonly DecodedTiles _decoded;
    private readonly Dictionary<TilePlace, Entry> _entries = [];

    public MapTiles(MapPyramid pyramid, MapLevel level, IEnumerable<TilePlace> places, DecodedTiles decoded)
    {
        _pyramid = pyramid;
        _level = level;
        _decoded = decoded;
        foreach (var place in places)
            _entries[place] = new Entry { Held = decoded.Take(level, place) };
    }

    /// <summary>Those whose stored bytes are wanted.</summary>
    public IEnumerable<TilePlace> Missing => _entries.Where(entry => entry.Value.Held is null).Select(entry => entry.Key);

    /// <summary>Puts a missing tile in; one that does not exist need not be. Not safe for concurrent use, nor together with reads.</summary>
    public void Put(TilePlace place, StoredTile tile)
    {
        if (!tile.Data.IsEmpty && tile.Mask is not { IsEmpty: true })
            _entries[place].Stored = tile;
    }

    public void Dispose()
    {
        foreach (var entry in _entries.Values)
        {
            if (entry.Held is { } held)
                _decoded.Release(held);
        }

        _entries.Clear();
    }

    /// <summary>The tile, held for the caller until <see cref="Release"/>; null where there is none.</summary>
    /// <exception cref="UnreadableRasterException">The tile is damaged.</exception>
    internal DecodedTile? Take(TilePlace place)
    {
        if (!_entries.TryGetValue(place, out var entry))
            return null;
        if (entry.Held is { } held)
        {
            held.Hold();
            return held;
        }

        if (entry.Stored is not { } stored)
            return null;
        lock (entry)
        {
            if (_decoded.Take(_level, place) is { } kept)
                return kept;
            var tile = Decode(place, stored);
            _decoded.Keep(_level, place, tile);
            return tile;
        }
    }

    internal void Release(DecodedTile tile) => _decoded.Release(tile);

    private DecodedTile Decode(TilePlace place, StoredTile stored)
    {
        var matrix = _level.Matrix;
        var size = matrix.TileWidth * matrix.TileHeight;
        var pixels = _decoded.RentArray(size * _pyramid.Pixels.BytesPerPixel);
        var mask = _decoded.RentArray(size);
        try
        {
            var hasMask = TileDecoder.TryDecodeMask(_pyramid.Compression, stored.Data.Span, _pyramid.Pixels, matrix.TileWidth, matrix.TileHeight, pixels, mask);
            bool hasGaps;
            if (stored.Mask is { } bytes)
            {
                TileDecoder.Decode(TileCompression.Zip, bytes.Span, MaskPixels, matrix.TileWidth, matrix.TileHeight, mask);
                hasGaps = mask.AsSpan().ContainsAnyExcept((byte)255);
            }
            else if (hasMask)
            {
                hasGaps = mask.AsSpan(0, size).Contains((byte)0);
            }
            else
            {
                hasGaps = TileMask.TryFind(pixels, matrix.TileWidth, matrix.TileHeight, _pyramid.NodataPixel, _pyramid.Compression, mask);
            }

            if (hasGaps)
                return new DecodedTile(pixels, mask);
            _decoded.ReturnArray(mask);
            return new DecodedTile(pixels, null);
        }
        catch (TileCodecException damaged)
        {
            throw new UnreadableRasterException($"tile {place.Col},{place.Row} of level {matrix.Id}", damaged.Message, damaged);
        }
    }

    private sealed class Entry
    {
        public DecodedTile? Held { get; init; }

        public StoredTile? Stored { get; set; }
    }
}
