using System.Buffers.Binary;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>The bytes of a slab of 16 by 16 tiles as ROK4 lays them out, read by no code of the project.</summary>
public static class Rok4Layout
{
    private const int Tiles = 256;
    private const int Offsets = 2048;
    private const int Counts = Offsets + (4 * Tiles);
    private const int Data = Counts + (4 * Tiles);

    /// <summary>Checks header, tags, and offset and byte count of each tile: in order, aligned to 16, without a gap, up to the end of the file.</summary>
    /// <param name="slab">The whole slab.</param>
    /// <param name="compression">Value of tag 259.</param>
    /// <param name="photometric">Value of tag 262: 1 grey, 2 RGB, 6 YCbCr.</param>
    /// <param name="channels">1 to 4.</param>
    /// <param name="bits">Bits of a sample.</param>
    /// <returns>The number of tiles with data.</returns>
    public static int Check(ReadOnlySpan<byte> slab, uint compression, uint photometric, uint channels, uint bits)
    {
        Assert.Equal("II*\0\u0010\0\0\0"u8, slab[..8]);
        List<(ushort Tag, ushort Type, uint Count, uint Value)> expected =
        [
            (256, 4, 1, 4096), (257, 4, 1, 4096), (258, 3, channels, channels < 3 ? bits | (channels == 2 ? bits << 16 : 0) : 8), (259, 3, 1, compression),
            (262, 3, 1, photometric), (277, 3, 1, channels), (322, 4, 1, 256), (323, 4, 1, 256), (324, 4, Tiles, Offsets), (325, 4, Tiles, Counts),
        ];
        if (channels is 2 or 4)
            expected.Add((338, 3, 1, 2));
        expected.Add((339, 3, 1, bits == 32 ? 3u : 1));
        if (photometric == 6)
            expected.Add((530, 3, 2, 0x20002));
        Assert.Equal(expected.Count, BinaryPrimitives.ReadUInt16LittleEndian(slab[16..]));
        for (var i = 0; i < expected.Count; i++)
        {
            var entry = slab.Slice(18 + (12 * i), 12);
            Assert.Equal(
                expected[i],
                (BinaryPrimitives.ReadUInt16LittleEndian(entry), BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]),
                    BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[8..])));
        }

        for (var channel = 0; channels > 2 && channel < channels; channel++)
            Assert.Equal(bits, BinaryPrimitives.ReadUInt16LittleEndian(slab[(8 + (2 * channel))..]));
        Assert.False(slab[(18 + (12 * expected.Count))..Offsets].ContainsAnyExcept((byte)0));

        var (end, withData) = (Data, 0);
        for (var tile = 0; tile < Tiles; tile++)
        {
            var count = BinaryPrimitives.ReadInt32LittleEndian(slab[(Counts + (4 * tile))..]);
            if (count == 0)
                continue;
            Assert.Equal((end + 15) & ~15, BinaryPrimitives.ReadInt32LittleEndian(slab[(Offsets + (4 * tile))..]));
            end = ((end + 15) & ~15) + count;
            withData++;
        }

        Assert.Equal(slab.Length, end);
        return withData;
    }
}
