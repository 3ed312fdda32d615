using System.Buffers.Binary;
using System.Globalization;
using Grid.Cli.Api;
using Grid.Tiling;

namespace Grid.Cli.Demands;

/// <summary>How often the tiles of each pixel's ground were asked for, as a GeoTIFF of 32-bit counts; 0 is no data.</summary>
public sealed class HeatMap
{
    /// <summary>Longest side in pixels.</summary>
    public const int MostPixels = 10_000;

    private readonly Extent _extent;
    private readonly uint[] _counts;

    /// <exception cref="DeliveryException">A side has no pixel, or too many.</exception>
    public HeatMap(Extent extent, long width, long height)
    {
        if (width is < 1 or > MostPixels || height is < 1 or > MostPixels || extent.Width <= 0 || extent.Height <= 0)
            throw new DeliveryException($"a heat map of {width} × {height} pixels: sides of 1 to {MostPixels} and a bbox xmin,ymin,xmax,ymax are allowed");
        (_extent, Width, Height) = (extent, (int)width, (int)height);
        _counts = new uint[Width * Height];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>A map with one pixel a tile of a level, over the tiles that a rectangle touches.</summary>
    /// <exception cref="DeliveryException">The rectangle is outside the level, or has too many tiles.</exception>
    public static HeatMap OfTiles(TileMatrix matrix, Extent extent)
    {
        var limits = matrix.TilesOf(extent) ?? throw new DeliveryException($"the bbox touches no tile of level {matrix.Id}");
        long cols = limits.MaxCol - limits.MinCol + 1, rows = limits.MaxRow - limits.MinRow + 1;
        return new HeatMap(matrix.TileExtent(limits.MinCol, limits.MinRow, cols, rows), cols, rows);
    }

    /// <summary>Counts a point; those outside are left out.</summary>
    public void Add((double X, double Y) point)
    {
        var col = (int)Math.Floor((point.X - _extent.MinX) / _extent.Width * Width);
        var row = (int)Math.Floor((_extent.MaxY - point.Y) / _extent.Height * Height);
        if (col >= 0 && col < Width && row >= 0 && row < Height)
            _counts[(row * Width) + col]++;
    }

    /// <summary>Writes the map (TIFF 6.0; OGC 19-008r4).</summary>
    public void Write(Stream target, Crs crs)
    {
        // Header, one directory, what its entries point to, then one strip.
        const int Entries = 14, Directory = 8, Data = Directory + 2 + (12 * Entries) + 4;
        const int Scale = Data, Tie = Scale + 24, Keys = Tie + 48, Strip = Keys + 32;
        var head = new byte[Strip];
        head[0] = head[1] = (byte)'I';
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(2), 42);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), Directory);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(Directory), Entries);
        var at = Directory + 2;
        void Entry(ushort tag, ushort type, uint count, uint value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(at), tag);
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(at + 2), type);
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(at + 4), count);
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(at + 8), value);
            at += 12;
        }

        Entry(256, 4, 1, (uint)Width);
        Entry(257, 4, 1, (uint)Height);
        Entry(258, 3, 1, 32);
        Entry(259, 3, 1, 1);
        Entry(262, 3, 1, 1);
        Entry(273, 4, 1, Strip);
        Entry(277, 3, 1, 1);
        Entry(278, 4, 1, (uint)Height);
        Entry(279, 4, 1, (uint)(4 * _counts.Length));
        Entry(339, 3, 1, 1);
        Entry(33550, 12, 3, Scale);
        Entry(33922, 12, 6, Tie);
        Entry(34735, 3, 16, Keys);
        Entry(42113, 2, 2, '0');
        double[] places = [_extent.Width / Width, _extent.Height / Height, 0, 0, 0, 0, _extent.MinX, _extent.MaxY, 0];
        for (var i = 0; i < places.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(head.AsSpan(Scale + (8 * i)), places[i]);
        // Model type, pixels as areas, and the code of the CRS where it has one of EPSG.
        var code = crs.GdalName.StartsWith("EPSG:", StringComparison.Ordinal) ? ushort.Parse(crs.GdalName.AsSpan(5), CultureInfo.InvariantCulture) : (ushort)32767;
        ushort[] keys = [1, 1, 0, 3, 1024, 0, 1, (ushort)(crs.IsGeographic ? 2 : 1), 1025, 0, 1, 1, (ushort)(crs.IsGeographic ? 2048 : 3072), 0, 1, code];
        for (var i = 0; i < keys.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(Keys + (2 * i)), keys[i]);
        target.Write(head);
        var row = new byte[4 * Width];
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
                BinaryPrimitives.WriteUInt32LittleEndian(row.AsSpan(4 * x), _counts[(y * Width) + x]);
            target.Write(row);
        }
    }
}
