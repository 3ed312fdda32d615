using System.Buffers.Binary;
using Grid.Cli.Api;

namespace Grid.Cli.Demo;

/// <summary>Verifies tiles from the outside: status, media type, and the picture's size as its header says it.</summary>
public static class TileCheck
{
    /// <summary>Width and height of every tile.</summary>
    public const int TileSize = 256;

    /// <summary>Verifies one tile of every level of a layer.</summary>
    /// <returns>The tiles, coarsest level first.</returns>
    /// <exception cref="DeliveryException">A level has no tile, or a tile is not what was asked for.</exception>
    public static async Task<IReadOnlyList<FoundTile>> VerifyAsync(WmtsLayer layer, CancellationToken cancellation)
    {
        var tiles = await layer.FirstTilesAsync(cancellation);
        var without = layer.LevelIds.Except(tiles.Select(tile => tile.Level)).ToList();
        if (without.Count > 0)
            throw new DeliveryException($"no tile is served at level {string.Join(", ", without)}");
        if (tiles.Count == 0)
            throw new DeliveryException("the layer has no level");
        foreach (var tile in tiles)
        {
            if (tile.ContentType != tile.Asked.Split(';')[0])
                throw new DeliveryException($"{tile.Url} answered {tile.ContentType} for {tile.Asked}");
            if (tile.Asked is "image/jpeg" or "image/png" && SizeOf(tile.Bytes) != (TileSize, TileSize))
                throw new DeliveryException($"{tile.Url} is no {tile.Asked} of {TileSize} × {TileSize} pixels: {SizeOf(tile.Bytes)?.ToString() ?? "its header is unreadable"}");
        }

        return tiles;
    }

    /// <summary>Size of a JPEG (ITU-T T.81 § B.2.2, the frame header) or PNG (ISO 15948 § 11.2.2); null for anything else or a damaged header.</summary>
    public static (int Width, int Height)? SizeOf(ReadOnlySpan<byte> picture)
    {
        ReadOnlySpan<byte> png = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];
        if (picture.StartsWith(png) && picture.Length >= 24)
            return (BinaryPrimitives.ReadInt32BigEndian(picture[16..]), BinaryPrimitives.ReadInt32BigEndian(picture[20..]));
        return picture.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]) && picture.EndsWith((ReadOnlySpan<byte>)[0xFF, 0xD9]) ? JpegSize(picture) : null;
    }

    private static (int Width, int Height)? JpegSize(ReadOnlySpan<byte> picture)
    {
        for (var at = 2; at + 9 < picture.Length;)
        {
            if (picture[at] != 0xFF)
                return null;
            var marker = picture[at + 1];
            // SOF0 to SOF15, without DHT (C4), JPG (C8) and DAC (CC), which lie among them.
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
                return (BinaryPrimitives.ReadUInt16BigEndian(picture[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(picture[(at + 5)..]));
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(picture[(at + 2)..]);
        }

        return null;
    }
}
