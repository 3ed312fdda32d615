using System.Buffers;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Pointwise;

/// <summary>Encodes pointwise chunks, with LASzip's own decisions: the bytes are those that LASzip writes. One chunk at a time; not thread safe.</summary>
internal sealed unsafe class PointwiseEncoder
{
    private const int PointsAtOnce = 256;

    private readonly PointwiseItem[] _items;
    private readonly OutputBuffer _output = new();
    private readonly int _recordLength;
    private readonly int _bytesPerPoint;

    public PointwiseEncoder(LazParameters parameters)
    {
        _items = PointwiseItems.Create(parameters);
        _recordLength = _items.Sum(item => item.Size);
        _bytesPerPoint = ArithmeticEncoder.BytesPerSymbol * _items.Sum(item => item.SymbolsPerPoint);
    }

    /// <summary>Encodes at least one point; returns the chunk in a rented array.</summary>
    public (byte[] Rented, int Length) Encode(byte* records, int count)
    {
        var first = new ReadOnlySpan<byte>(records, _recordLength);
        var at = records;
        foreach (var item in _items)
        {
            item.Restart(at);
            at += item.Size;
        }

        var encoder = _output.Begin((PointsAtOnce * _bytesPerPoint) + ArithmeticEncoder.Spare);
        for (var done = 1; done < count;)
        {
            _output.Reserve(ref encoder, (PointsAtOnce * _bytesPerPoint) + ArithmeticEncoder.Spare);
            var end = Math.Min(count, done + PointsAtOnce);
            for (; done < end; done++)
            {
                foreach (var item in _items)
                {
                    item.Encode(ref encoder, at);
                    at += item.Size;
                }
            }
        }

        encoder.Finish();
        var stream = _output.Written(encoder);
        var chunk = ArrayPool<byte>.Shared.Rent(_recordLength + stream.Length);
        first.CopyTo(chunk);
        stream.CopyTo(chunk.AsSpan(_recordLength));
        return (chunk, _recordLength + stream.Length);
    }
}
