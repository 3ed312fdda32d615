using System.Runtime.CompilerServices;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Pointwise;

/// <summary>
/// Decodes pointwise chunks: the first point as it is, then one stream of all items of all points. A chunk may be given in pieces, since files of the first
/// version are one stream. One chunk at a time; not thread safe.
/// </summary>
internal sealed unsafe class PointwiseDecoder
{
    private readonly PointwiseItem[] _items;
    private ArithmeticDecoder _decoder;

    public PointwiseDecoder(LazParameters parameters)
    {
        _items = PointwiseItems.Create(parameters);
        RecordLength = _items.Sum(item => item.Size);
        BytesPerPoint = ArithmeticDecoder.ReadAhead * (1 + _items.Sum(item => item.SymbolsPerPoint));
    }

    public int RecordLength { get; }

    /// <summary>The most bytes that a point takes: so many must be readable behind the input.</summary>
    public int BytesPerPoint { get; }

    /// <summary>Bytes before the second point.</summary>
    public int StartBytes => RecordLength + ArithmeticDecoder.StartBytes;

    /// <summary>Begins a chunk of which at least <see cref="StartBytes"/> are there; writes its first point. Returns the bytes read.</summary>
    public int Start(byte* input, byte* record)
    {
        Unsafe.CopyBlockUnaligned(record, input, (uint)RecordLength);
        var at = record;
        foreach (var item in _items)
        {
            item.Restart(at);
            at += item.Size;
        }

        _decoder = ArithmeticDecoder.Start(input + RecordLength);
        return StartBytes;
    }

    /// <summary>
    /// Decodes up to <paramref name="count"/> points, none of which begins behind <paramref name="limit"/>. Returns how many, and the bytes read.
    /// </summary>
    /// <exception cref="CorruptDataException">A value that no encoder writes.</exception>
    public (int Points, long Bytes) Decode(byte* input, byte* limit, byte* records, int count)
    {
        var decoder = _decoder;
        decoder.Next = input;
        var done = 0;
        var items = _items;
        for (; done < count && decoder.Next <= limit; done++)
        {
            foreach (var item in items)
            {
                item.Decode(ref decoder, records);
                records += item.Size;
            }
        }

        _decoder = decoder;
        if (decoder.IsCorrupt)
            throw new CorruptDataException("the compressed points are damaged");
        return (done, decoder.Next - input);
    }

    /// <summary>Decodes a whole chunk, <paramref name="length"/> bytes that are followed by <see cref="BytesPerPoint"/> more.</summary>
    /// <exception cref="CorruptDataException">The chunk does not hold exactly so many points.</exception>
    public void DecodeChunk(byte* chunk, int length, byte* records, int count)
    {
        if (length < StartBytes)
            throw new CorruptDataException($"{length} bytes are too few for a point");
        var start = Start(chunk, records);
        var (points, bytes) = Decode(chunk + start, chunk + length, records + RecordLength, count - 1);
        if (points < count - 1 || start + bytes > length)
            throw new CorruptDataException($"its {length} bytes end within point {Math.Min(points, count - 1)} of {count}");
        if (start + bytes < length)
            throw new CorruptDataException($"its {count} points take {start + bytes} of its {length} bytes: it is damaged, or holds more points");
    }
}
