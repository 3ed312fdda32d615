using System.Buffers;
using System.Buffers.Binary;
using Grid.PointCloud.Las;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>
/// Encodes layered chunks, with LASzip's own decisions: the bytes are those that LASzip writes. Layers of which all points have the same value are found
/// first and cost nothing more. One chunk at a time; not thread safe.
/// </summary>
internal sealed unsafe class LayeredEncoder
{
    private readonly Layer[] _layers;
    private readonly OutputBuffer[] _outputs;
    private readonly ArithmeticEncoder[] _encoders;
    private readonly bool[] _isWritten;
    private readonly PointBlock _block;
    private readonly int _recordLength;

    public LayeredEncoder(LazParameters parameters, PointFormat format)
    {
        _layers = [.. LayerSet.Create(parameters).Select(layer => layer.Layer)];
        _outputs = [.. _layers.Select(_ => new OutputBuffer())];
        _encoders = new ArithmeticEncoder[_layers.Length];
        _isWritten = new bool[_layers.Length];
        _block = new PointBlock(format.RecordLength, parameters.Items[0].Version);
        _recordLength = format.RecordLength;
    }

    /// <summary>Encodes at least one point; returns the chunk in a rented array.</summary>
    public (byte[] Rented, int Length) Encode(byte* records, int count)
    {
        var channel = (records[15] >> 4) & 3;
        _block.Restart((byte)channel);
        for (var i = 0; i < _layers.Length; i++)
        {
            _isWritten[i] = !IsConstant(_layers[i], records, count);
            if (!_isWritten[i])
                continue;
            _layers[i].Restart(records, channel);
            _encoders[i] = _outputs[i].Begin(BlockBytes(_layers[i]));
        }

        for (var done = 1; done < count; done += _block.Count)
        {
            _block.Records = records + ((nint)done * _recordLength);
            _block.Count = Math.Min(PointBlock.Capacity, count - done);
            for (var i = 0; i < _layers.Length; i++)
            {
                if (!_isWritten[i])
                    continue;
                _outputs[i].Reserve(ref _encoders[i], BlockBytes(_layers[i]));
                _layers[i].Encode(_block, ref _encoders[i]);
                if (i == 0)
                    _block.SplitItems();
            }
        }

        return Assemble(new ReadOnlySpan<byte>(records, _recordLength), count);
    }

    private static int BlockBytes(Layer layer) =>
        (PointBlock.Capacity * layer.SymbolsPerPoint * ArithmeticEncoder.BytesPerSymbol) + ArithmeticEncoder.Spare;

    private bool IsConstant(Layer layer, byte* records, int count)
    {
        if (layer.IsAlwaysWritten)
            return false;
        for (var i = 1; i < count; i++)
        {
            if (!layer.IsSame(records + ((nint)i * _recordLength), records))
                return false;
        }

        return true;
    }

    private (byte[] Rented, int Length) Assemble(ReadOnlySpan<byte> first, int count)
    {
        var length = _recordLength + 4 + (4 * _layers.Length);
        for (var i = 0; i < _layers.Length; i++)
        {
            if (!_isWritten[i])
                continue;
            _encoders[i].Finish();
            length = checked(length + _outputs[i].Written(_encoders[i]).Length);
        }

        var chunk = ArrayPool<byte>.Shared.Rent(length);
        first.CopyTo(chunk);
        var sizes = chunk.AsSpan(_recordLength);
        BinaryPrimitives.WriteInt32LittleEndian(sizes, count);
        var layers = sizes[(4 + (4 * _layers.Length))..];
        for (var i = 0; i < _layers.Length; i++)
        {
            var layer = _isWritten[i] ? _outputs[i].Written(_encoders[i]) : default;
            BinaryPrimitives.WriteInt32LittleEndian(sizes[(4 + (4 * i))..], layer.Length);
            layer.CopyTo(layers);
            layers = layers[layer.Length..];
        }

        return (chunk, length);
    }
}
