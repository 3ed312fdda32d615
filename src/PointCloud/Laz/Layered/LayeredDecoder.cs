using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Grid.PointCloud.Las;
using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>
/// Decodes layered chunks: the first point as it is, the number of points, the sizes of all layers, the layers. Block by block, each layer in turn writes
/// its attribute of the block's points. One chunk at a time; not thread safe.
/// </summary>
internal sealed unsafe class LayeredDecoder
{
    private readonly (Layer Layer, PointFields Field)[] _layers;
    private readonly ArithmeticDecoder[] _decoders;
    private readonly nint[] _ends;
    private readonly bool[] _isRead;
    private readonly List<Step> _steps = [];
    private readonly Dictionary<(int First, int Second), LayerPair?> _pairs = [];
    private readonly PointBlock _block;
    private readonly PointFormat _format;
    private readonly byte[] _template;

    public LayeredDecoder(LazParameters parameters, PointFormat format)
    {
        _layers = LayerSet.Create(parameters);
        _decoders = new ArithmeticDecoder[_layers.Length];
        _ends = new nint[_layers.Length];
        _isRead = new bool[_layers.Length];
        _block = new PointBlock(format.RecordLength, parameters.Items[0].Version);
        _format = format;
        _template = new byte[format.RecordLength];
        BytesPerPoint = ArithmeticDecoder.ReadAhead * (1 + _layers.Max(layer => layer.Layer.SymbolsPerPoint));
    }

    /// <summary>The most bytes that a point takes of a layer: so many must be readable behind the input.</summary>
    public int BytesPerPoint { get; }

    /// <summary>Bytes before the layers.</summary>
    public static int HeaderBytes(LazParameters parameters, PointFormat format) => format.RecordLength + 4 + (4 * LayerSet.Count(parameters));

    /// <summary>The points and bytes of a chunk, from its first <see cref="HeaderBytes"/>.</summary>
    public static (uint Points, long Bytes) ReadHeader(ReadOnlySpan<byte> header, PointFormat format)
    {
        var points = BinaryPrimitives.ReadUInt32LittleEndian(header[format.RecordLength..]);
        long bytes = header.Length;
        for (var at = format.RecordLength + 4; at < header.Length; at += 4)
            bytes += BinaryPrimitives.ReadUInt32LittleEndian(header[at..]);
        return (points, bytes);
    }

    /// <summary>
    /// Decodes the asked attributes of a whole chunk, <paramref name="length"/> bytes that are followed by <see cref="BytesPerPoint"/> more; the other
    /// attributes are zero.
    /// </summary>
    /// <exception cref="CorruptDataException">The chunk does not hold exactly so many points.</exception>
    public void DecodeChunk(byte* chunk, int length, byte* records, int count, PointFields fields)
    {
        var recordLength = _format.RecordLength;
        var headerBytes = recordLength + 4 + (4 * _layers.Length);
        if (length < headerBytes)
            throw new CorruptDataException($"{length} bytes are too few for a point and {_layers.Length} layers' sizes");
        var (points, bytes) = ReadHeader(new ReadOnlySpan<byte>(chunk, headerBytes), _format);
        if (points != (uint)count)
            throw new CorruptDataException($"it says that it holds {points} points, the file that it holds {count}");
        if (bytes != length)
            throw new CorruptDataException($"its layers end after {bytes} bytes, the chunk after {length}");

        var channel = (chunk[15] >> 4) & 3;
        new ReadOnlySpan<byte>(chunk, recordLength).CopyTo(_template);
        Open(chunk, chunk + headerBytes, channel, count, fields);
        _template.CopyTo(new Span<byte>(records, recordLength));
        for (var done = 1; done < count; done += _block.Count)
        {
            _block.Records = records + ((nint)done * recordLength);
            _block.Count = Math.Min(PointBlock.Capacity, count - done);
            Repeat(_block.Records, _block.Count);
            DecodeBlock(done);
        }

        for (var i = 0; i < _layers.Length; i++)
        {
            if (_isRead[i] && (nint)_decoders[i].Next != _ends[i])
                throw new CorruptDataException($"its layer {i} has {_ends[i] - (nint)_decoders[i].Next} bytes more than its points take");
        }
    }

    private void Open(byte* chunk, byte* at, int channel, int count, PointFields fields)
    {
        _block.Restart((byte)channel);
        for (var i = 0; i < _layers.Length; i++)
        {
            var (layer, field) = _layers[i];
            var size = *(uint*)(chunk + _format.RecordLength + 4 + (4 * i));
            var isAsked = field == PointFields.Xy || (fields & field) != 0;
            _isRead[i] = isAsked && size > 0;
            if (_isRead[i])
            {
                if (size < ArithmeticDecoder.StartBytes)
                    throw new CorruptDataException($"its layer {i} has {size} bytes: none, or at least {ArithmeticDecoder.StartBytes}");
                _decoders[i] = ArithmeticDecoder.Start(at);
                _ends[i] = (nint)(at + size);
                layer.Restart(chunk, channel);
            }
            else if (!isAsked)
            {
                Clear(field);
            }
            else if (field == PointFields.Xy && count > 1)
            {
                throw new CorruptDataException("it has no layer of x and y");
            }

            at += size;
        }

        Plan();
    }

    /// <summary>In the order of the file, but two and two of the layers that are worth it are decoded together.</summary>
    private void Plan()
    {
        _steps.Clear();
        for (var i = 0; i < _layers.Length; i++)
        {
            if (!_isRead[i])
                continue;
            var waiting = _layers[i].Layer.IsPaired ? _steps.FindIndex(step => step.Pair is null && _layers[step.First].Layer.IsPaired) : -1;
            if (waiting < 0)
                _steps.Add(new Step(i, i, null));
            else
                _steps[waiting] = new Step(_steps[waiting].First, i, PairOf(_steps[waiting].First, i));
        }
    }

    private LayerPair? PairOf(int first, int second)
    {
        if (!_pairs.TryGetValue((first, second), out var pair))
            _pairs[(first, second)] = pair = _layers[first].Layer.With(_layers[second].Layer);
        return pair;
    }

    private void DecodeBlock(int firstPoint)
    {
        foreach (var (first, second, pair) in _steps)
        {
            var isFirst = true;
            var isWhole = pair is null
                ? _layers[first].Layer.Decode(_block, ref _decoders[first], (byte*)_ends[first])
                : pair.Decode(_block, ref _decoders[first], (byte*)_ends[first], ref _decoders[second], (byte*)_ends[second], out isFirst);
            if (!isWhole)
                throw new CorruptDataException($"its layer {(isFirst ? first : second)} is damaged at one of the points {firstPoint} to {firstPoint + _block.Count - 1} of the chunk");
            if (first == 0)
                _block.SplitItems();
        }
    }

    /// <summary>What is decoded at a time: a layer, or two.</summary>
    private readonly record struct Step(int First, int Second, LayerPair? Pair);

    /// <summary>Fills the block with the chunk's first point: what has no layer is the same in all.</summary>
    private void Repeat(byte* records, int count)
    {
        int total = count * _format.RecordLength, done = _format.RecordLength;
        _template.CopyTo(new Span<byte>(records, done));
        for (; done < total; done *= 2)
            Unsafe.CopyBlockUnaligned(records + done, records, (uint)Math.Min(done, total - done));
    }

    private void Clear(PointFields field)
    {
        var (offset, size) = field switch
        {
            PointFields.Z => (8, 4),
            PointFields.Intensity => (12, 2),
            PointFields.Classification => (16, 1),
            PointFields.UserData => (17, 1),
            PointFields.ScanAngle => (18, 2),
            PointFields.PointSource => (20, 2),
            PointFields.GpsTime => (22, 8),
            PointFields.Color => (_format.ColorOffset, 6),
            PointFields.Infrared => (_format.InfraredOffset, 2),
            PointFields.Waveform => (_format.WaveformOffset, Waves.Size),
            PointFields.ExtraBytes => (_format.BaseSize, _format.ExtraBytes),
            _ => (15, 0),
        };
        if (field == PointFields.Flags)
            _template[15] &= 0x30;
        else
            _template.AsSpan(offset, size).Clear();
    }
}
