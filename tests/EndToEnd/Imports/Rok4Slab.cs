using System.Buffers.Binary;

namespace Grid.EndToEnd.Tests.Imports;

/// <summary>Writes slabs as ROK4 has them, by no code of the project: a header with one directory, the index at 2,048, the tiles.</summary>
internal static class Rok4Slab
{
    /// <summary>A slab of <paramref name="side"/> × <paramref name="side"/> tiles; absent tiles are null.</summary>
    /// <param name="directory">Where the directory is: 16 today, 14 in older pyramids.</param>
    /// <param name="compression">TIFF's number.</param>
    /// <param name="sampleFormat">1 whole numbers, 3 floats.</param>
    public static byte[] Write(int directory, int side, int tileSide, int compression, int channels, int bits, int sampleFormat, params byte[]?[] tiles)
    {
        var header = new byte[2048 + (8 * tiles.Length)];
        "II*\0"u8.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(4), directory);
        var bitsAt = directory == 16 ? 8 : 2000;
        for (var c = 0; c < channels; c++)
            BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(bitsAt + (2 * c)), (short)bits);
        var photometric = compression == 7 ? 6 : channels < 3 ? 1 : 2;
        (int Tag, int Type, int Count, int Value)[] entries =
        [
            (256, 4, 1, side * tileSide), (257, 4, 1, side * tileSide), (258, 3, channels, channels == 1 ? bits : bitsAt), (259, 3, 1, compression),
            (262, 3, 1, photometric), (277, 3, 1, channels), (322, 4, 1, tileSide), (323, 4, 1, tileSide), (324, 4, tiles.Length, 2048),
            (325, 4, tiles.Length, 2048 + (4 * tiles.Length)), (339, 3, 1, sampleFormat),
        ];
        BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(directory), (short)entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = header.AsSpan(directory + 2 + (12 * i), 12);
            BinaryPrimitives.WriteInt16LittleEndian(entry, (short)entries[i].Tag);
            BinaryPrimitives.WriteInt16LittleEndian(entry[2..], (short)entries[i].Type);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], entries[i].Count);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], entries[i].Value);
        }

        using var slab = new MemoryStream();
        slab.Write(header);
        for (var i = 0; i < tiles.Length; i++)
        {
            if (tiles[i] is not { } tile)
                continue;
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(2048 + (4 * i)), (int)slab.Length);
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(2048 + (4 * (tiles.Length + i))), tile.Length);
            slab.Write(tile);
        }

        slab.Position = 0;
        slab.Write(header);
        return slab.ToArray();
    }

    /// <summary>The bytes of the only tile of a TIFF that GDAL wrote.</summary>
    public static byte[] OnlyTile(byte[] tiff)
    {
        var directory = BinaryPrimitives.ReadInt32LittleEndian(tiff.AsSpan(4));
        int offset = 0, length = 0;
        for (var i = 0; i < BinaryPrimitives.ReadInt16LittleEndian(tiff.AsSpan(directory)); i++)
        {
            var entry = tiff.AsSpan(directory + 2 + (12 * i), 12);
            var value = BinaryPrimitives.ReadInt16LittleEndian(entry[2..]) == 3 ? BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]) : BinaryPrimitives.ReadInt32LittleEndian(entry[8..]);
            switch (BinaryPrimitives.ReadInt16LittleEndian(entry))
            {
                case 324: offset = value; break;
                case 325: length = value; break;
            }
        }

        return tiff[offset..(offset + length)];
    }
}
