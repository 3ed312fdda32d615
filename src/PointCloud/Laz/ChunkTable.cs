using System.Buffers.Binary;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz;

/// <summary>Bytes and points of one chunk in the order of the file.</summary>
internal readonly record struct ChunkEntry(uint Points, uint Bytes);

/// <summary>The table behind the chunks: the bytes of each and, when chunks vary, their points.</summary>
internal static unsafe class ChunkTable
{
    /// <summary>Version and count, before the coded entries.</summary>
    public const int HeaderBytes = 8;

    /// <summary>The most bytes of the coded entries.</summary>
    public static long MaxCodedBytes(long count) => (count * 2 * IntegerModel.SymbolsPerNumber * ArithmeticEncoder.BytesPerSymbol) + ArithmeticEncoder.Spare;

    /// <summary>Decodes the entries that follow the table's header. Points are 0 in a table of fixed chunks.</summary>
    /// <exception cref="CorruptDataException">The bytes are no table.</exception>
    public static ChunkEntry[] Read(ReadOnlySpan<byte> coded, int count, bool hasPoints)
    {
        var entries = new ChunkEntry[count];
        if (count == 0)
            return entries;
        if (coded.Length < ArithmeticDecoder.StartBytes)
            throw new CorruptDataException("the chunk table is cut");
        var padded = new byte[coded.Length + (2 * IntegerModel.SymbolsPerNumber * ArithmeticDecoder.ReadAhead) + ArithmeticDecoder.ReadAhead];
        coded.CopyTo(padded);
        var arena = new ModelArena();
        var model = arena.Integer(32, 2);
        fixed (byte* start = padded)
        {
            var decoder = ArithmeticDecoder.Start(start);
            int points = 0, bytes = 0;
            for (var i = 0; i < count; i++)
            {
                if (hasPoints)
                    points = IntegerModel.Decode(model, ref decoder, points, 0);
                bytes = IntegerModel.Decode(model, ref decoder, bytes, 1);
                if (decoder.IsCorrupt || decoder.Next - start > coded.Length)
                    throw new CorruptDataException($"the chunk table breaks off at entry {i} of {count}");
                entries[i] = new ChunkEntry((uint)points, (uint)bytes);
            }
        }

        GC.KeepAlive(arena);
        return entries;
    }

    /// <summary>The table, with its header.</summary>
    public static byte[] Write(IReadOnlyList<ChunkEntry> entries, bool hasPoints)
    {
        var output = new byte[HeaderBytes + (entries.Count == 0 ? 0 : MaxCodedBytes(entries.Count))];
        BinaryPrimitives.WriteUInt32LittleEndian(output.AsSpan(4), (uint)entries.Count);
        if (entries.Count == 0)
            return output;
        var arena = new ModelArena();
        var model = arena.Integer(32, 2);
        fixed (byte* start = output)
        {
            var encoder = ArithmeticEncoder.Start(start + HeaderBytes);
            ChunkEntry last = default;
            foreach (var entry in entries)
            {
                if (hasPoints)
                    IntegerModel.Encode(model, ref encoder, (int)last.Points, (int)entry.Points, 0);
                IntegerModel.Encode(model, ref encoder, (int)last.Bytes, (int)entry.Bytes, 1);
                last = entry;
            }

            encoder.Finish();
            GC.KeepAlive(arena);
            return output[..(int)(encoder.Next - start)];
        }
    }
}
