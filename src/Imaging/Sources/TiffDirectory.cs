using System.Buffers.Binary;

namespace Grid.Imaging.Sources;

/// <summary>The entries of one little-endian image file directory (TIFF 6.0, section 2; BigTIFF), with their integer values.</summary>
internal sealed class TiffDirectory
{
    private readonly Stream _file;
    private readonly bool _isBig;
    private readonly Dictionary<int, Entry> _entries = [];

    /// <exception cref="EndOfStreamException">The directory is not wholly in the file.</exception>
    internal TiffDirectory(Stream file, long offset, bool isBig, int maxEntries)
    {
        _file = file;
        _isBig = isBig;
        int countBytes = isBig ? 8 : 2, entryBytes = isBig ? 20 : 12;
        var number = new byte[8];
        if (offset <= 0 || offset > file.Length - countBytes)
            throw new EndOfStreamException();
        file.Position = offset;
        file.ReadExactly(number, 0, countBytes);
        var count = BinaryPrimitives.ReadInt64LittleEndian(number);
        if (count < 0 || count > maxEntries)
            throw new EndOfStreamException();
        var bytes = new byte[(int)count * entryBytes];
        file.ReadExactly(bytes);
        for (var i = 0; i < count; i++)
        {
            var entry = bytes.AsSpan(i * entryBytes, entryBytes);
            var values = isBig ? BinaryPrimitives.ReadInt64LittleEndian(entry[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            _entries[BinaryPrimitives.ReadUInt16LittleEndian(entry)] =
                new Entry(BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]), values, entry[(isBig ? 12 : 8)..].ToArray());
        }
    }

    internal bool Has(int tag) => _entries.ContainsKey(tag);

    /// <summary>The single value of a tag, or <paramref name="absent"/>; -1 when its type or count is another.</summary>
    internal long Number(int tag, long absent = -1) =>
        !_entries.TryGetValue(tag, out var entry) ? absent : entry.Count >= 1 && Numbers(tag, entry.Count) is { } values ? values[0] : -1;

    internal bool AllEqual(int tag, long value, int count, long absent = -1)
    {
        if (!_entries.ContainsKey(tag))
            return absent == value;
        return Numbers(tag, count) is { } values && values.All(v => v == value);
    }

    /// <summary>The bytes of a tag of type BYTE or UNDEFINED, at most a mebibyte; null when it is another.</summary>
    internal byte[]? Bytes(int tag) => _entries.TryGetValue(tag, out var entry) && entry.Type is 1 or 7 && entry.Count is >= 0 and <= 1 << 20
        ? ValuesOf(entry, (int)entry.Count)
        : null;

    /// <summary>The values of a tag, or null when it is absent or has not exactly <paramref name="count"/> integers.</summary>
    internal long[]? Numbers(int tag, long count)
    {
        if (!_entries.TryGetValue(tag, out var entry) || entry.Count != count || count > 64_000_000)
            return null;
        var size = entry.Type switch { 1 => 1, 3 => 2, 4 => 4, 16 => 8, _ => 0 };
        if (size == 0)
            return null;
        if (ValuesOf(entry, checked((int)(count * size))) is not { } bytes)
            return null;
        var values = new long[count];
        for (var i = 0; i < count; i++)
        {
            var value = bytes.AsSpan(i * size, size);
            values[i] = size switch
            {
                1 => value[0],
                2 => BinaryPrimitives.ReadUInt16LittleEndian(value),
                4 => BinaryPrimitives.ReadUInt32LittleEndian(value),
                _ => BinaryPrimitives.ReadInt64LittleEndian(value),
            };
        }

        return values;
    }

    private byte[]? ValuesOf(Entry entry, int length)
    {
        if (length <= entry.Inline.Length)
            return entry.Inline[..length];
        var offset = _isBig ? BinaryPrimitives.ReadInt64LittleEndian(entry.Inline) : BinaryPrimitives.ReadUInt32LittleEndian(entry.Inline);
        if (offset <= 0 || offset > _file.Length - length)
            return null;
        var bytes = new byte[length];
        _file.Position = offset;
        _file.ReadExactly(bytes);
        return bytes;
    }

    private readonly record struct Entry(int Type, long Count, byte[] Inline);
}
