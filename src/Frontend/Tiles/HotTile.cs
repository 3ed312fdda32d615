using System.Globalization;
using System.Text;
using Grid.Frontend.Layers;
using Grid.Ogc;
using Grid.Tiling;

namespace Grid.Frontend.Tiles;

/// <summary>Which tile of which published version, in which style: levels and styles are objects of one version of one layer, compared by reference.</summary>
public readonly struct TileKey(in TileAddress tile, LayerStyle style) : IEquatable<TileKey>
{
    private readonly ServedLevel _level = tile.Level;
    private readonly LayerStyle _style = style;
    private readonly long _col = tile.Col;
    private readonly long _row = tile.Row;

    public bool Equals(TileKey other) => ReferenceEquals(_level, other._level) && ReferenceEquals(_style, other._style) && _col == other._col && _row == other._row;

    public override bool Equals(object? obj) => obj is TileKey other && Equals(other);

    public override int GetHashCode()
    {
        // Neighbours differ in few low bits: Knuth's multiplicative hash spreads them.
        var position = (((ulong)_row << 32) ^ (ulong)_col) * 0x9E3779B97F4A7C15;
        return (int)(position >> 32) ^ System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(_level);
    }
}

/// <summary>A tile of a published version, or that there is none, with all that its answers hold. Immutable but for the mark of its use.</summary>
public sealed class HotTile
{
    /// <summary>What an entry costs beside its bytes: the object, its tag and headers, its place in the tables.</summary>
    public const int OverheadBytes = 700;

    private bool _used;

    public HotTile(in TileAddress address, LayerStyle style, ReadOnlyMemory<byte> stored)
    {
        Key = new TileKey(address, style);
        Stored = stored;
        if (stored.IsEmpty)
            return;
        var layer = (PublishedLayer)address.Layer;
        ETag = ETagOf(layer, address, style);
        var isStored = style.Document is null;
        MimeType = layer.MimeTypeOf(style);
        if (MimeType == PyramidFormat.JpegOrPng)
            MimeType = stored.Span[0] == 0xFF ? "image/jpeg" : "image/png";
        ContentEncoding = isStored ? layer.Format.ContentEncoding : null;
        if (isStored && layer.IsTiff)
        {
            var matrix = address.Level.Matrix;
            Header = TiffTile.Header(layer.Format.Compression, layer.Format.SampleFormat == "FLOAT32", layer.Channels, matrix.TileWidth, matrix.TileHeight, stored.Length);
        }

        var encoding = ContentEncoding is { } coded ? $"Content-Encoding: {coded}\r\n" : "";
        HttpHead = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Length: {LengthBytes}\r\nContent-Type: {MimeType}\r\n{encoding}Cache-Control: {TileResponse.CacheControl}\r\n"
            + $"ETag: {ETag}\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: {Cors.Exposed}\r\n");
    }

    private HotTile()
    {
    }

    /// <summary>Stands for a tile that nobody fetched, because too many others are asked for.</summary>
    public static HotTile Refused { get; } = new();

    public TileKey Key { get; }

    /// <summary>False where the pyramid has no data.</summary>
    public bool Exists => !Stored.IsEmpty;

    /// <summary>Names the layer's version, the tile and the style; empty where there is none.</summary>
    public string ETag { get; } = "";

    public string MimeType { get; } = "";

    /// <summary>How the bytes are coded on their way; null for as they are.</summary>
    public string? ContentEncoding { get; }

    /// <summary>Status line and headers of the answer with the tile by HTTP/1.1, all but the date and the empty line at the end.</summary>
    public byte[] HttpHead { get; } = [];

    /// <summary>What goes before the stored bytes: a TIFF's header, or nothing.</summary>
    public ReadOnlyMemory<byte> Header { get; }

    /// <summary>The bytes of the slab, untouched, or those of a picture that was made in a style.</summary>
    public ReadOnlyMemory<byte> Stored { get; }

    public int LengthBytes => Header.Length + Stored.Length;

    /// <summary>The tag of a tile, whether it exists or not.</summary>
    public static string ETagOf(PublishedLayer layer, in TileAddress tile, LayerStyle style) => style.Document is null
        ? string.Create(CultureInfo.InvariantCulture, $"\"{layer.Version:x}-{tile.Level.Id}-{tile.Col}-{tile.Row}\"")
        : string.Create(CultureInfo.InvariantCulture, $"\"{layer.Version:x}-{tile.Level.Id}-{tile.Col}-{tile.Row}-{style.Document.AsSpan(0, 8)}\"");

    /// <summary>Marks the tile as asked for. Reading first spares the cores a line that they would pass around.</summary>
    public void Touch()
    {
        if (!Volatile.Read(ref _used))
            Volatile.Write(ref _used, true);
    }

    /// <summary>Whether it was asked for since the last call.</summary>
    public bool TakeUse()
    {
        var used = Volatile.Read(ref _used);
        Volatile.Write(ref _used, false);
        return used;
    }
}
