using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using Grid.PointCloud.Las;
using Grid.PointCloud.Laz;
using Grid.PointCloud.Laz.Layered;
using Grid.PointCloud.Laz.Pointwise;

namespace Grid.PointCloud;

/// <summary>How a file is written.</summary>
public sealed record PointCloudWriterOptions
{
    /// <summary>LAZ (default) or LAS.</summary>
    public bool IsCompressed { get; init; } = true;

    /// <summary>
    /// Points of a chunk; 0 for chunks that end where <see cref="PointCloudWriter.EndChunkAsync"/> is called, as COPC's do. Default 50,000, LASzip's own: fewer
    /// cost size, more cost memory and make less work for several threads.
    /// </summary>
    public int ChunkSize { get; init; } = 50_000;

    /// <summary>Chunks encoded at once, one more being in memory. 0, the default, is as many as there are processors.</summary>
    public int Threads { get; init; }
}

/// <summary>
/// Writes LAS 1.0 to 1.5 and LAZ to a stream: header and records, points, extended records. Chunks are encoded on several threads and written in order; LAZ
/// has the bytes that LASzip writes of the same points. Counts and bounds of the header are those of the points: a stream that can seek gets them at the
/// end, otherwise the given header must have them already. One caller at a time; the stream stays open.
/// </summary>
public sealed class PointCloudWriter : IAsyncDisposable
{
    private readonly Stream _output;
    private readonly long _start;
    private readonly LasHeader _given;
    private readonly PointFormat _format;
    private readonly LazParameters? _laz;
    private readonly int _chunkSize;
    private readonly int _threads;
    private readonly Queue<Task<EncodedChunk>> _encoding = new();
    private readonly SemaphoreSlim _slots;
    private readonly ConcurrentBag<LayeredEncoder> _layered = [];
    private readonly ConcurrentBag<PointwiseEncoder> _pointwise = [];
    private readonly List<PointChunk> _chunks = [];
    private readonly PointStatistics _statistics = new();
    private LasLayout _layout;
    private long _position;
    private long _waveforms;
    private byte[] _pending = [];
    private int _pendingBytes;
    private bool _pointsAreClosed;

    private PointCloudWriter(Stream output, LasHeader header, PointCloudWriterOptions options)
    {
        (_output, _given, _format) = (output, header, header.PointFormat);
        _start = output.CanSeek ? output.Position : 0;
        _chunkSize = options.ChunkSize;
        _threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        _slots = new SemaphoreSlim(_threads);
        if (options.IsCompressed)
            _laz = LazParameters.Of(_format, _chunkSize == 0 ? LazParameters.Variable : (uint)_chunkSize, header.MinorVersion);
    }

    /// <summary>The chunks written; all of them once the points are ended.</summary>
    public IReadOnlyList<PointChunk> Chunks => _chunks;

    /// <summary>Writes header and records.</summary>
    /// <param name="header">Its counts and bounds are replaced at the end. Formats 6 to 10 get the WKT bit, which they require.</param>
    /// <exception cref="ArgumentException">The version lacks the point format, or a record or the header is too long.</exception>
    public static async Task<PointCloudWriter> CreateAsync(
        Stream output, LasHeader header, IEnumerable<VariableLengthRecord> records, PointCloudWriterOptions? options = null,
        CancellationToken cancellation = default)
    {
        options ??= new PointCloudWriterOptions();
        Check(header, options);
        if (header.PointFormat.IsExtended)
            header = header with { GlobalEncoding = header.GlobalEncoding | GlobalEncoding.Wkt };
        var writer = new PointCloudWriter(output, header, options);
        await writer.BeginAsync([.. records], cancellation);
        return writer;
    }

    /// <summary>Writes points: records of <see cref="LasHeader.PointFormat"/>, one after another. They are copied before this returns.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> records, CancellationToken cancellation = default)
    {
        var length = _format.RecordLength;
        if (records.Length % length != 0)
            throw new ArgumentException($"{records.Length} bytes are no whole records of {length}");
        if (_pointsAreClosed)
            throw new InvalidOperationException("the points are ended");
        while (records.Length > 0)
        {
            if (_chunkSize > 0 && _pendingBytes == _chunkSize * (long)length)
                await DispatchAsync(cancellation);
            var room = _chunkSize == 0 ? records.Length : (int)Math.Min(records.Length, ((long)_chunkSize * length) - _pendingBytes);
            Reserve(room);
            records[..room].CopyTo(_pending.AsMemory(_pendingBytes));
            _pendingBytes += room;
            records = records[room..];
        }
    }

    /// <summary>Ends the chunk of the points written since the last one was ended; without any, there is none.</summary>
    /// <exception cref="InvalidOperationException">The file has chunks of a fixed size.</exception>
    public ValueTask EndChunkAsync(CancellationToken cancellation = default) => _chunkSize == 0
        ? DispatchAsync(cancellation)
        : throw new InvalidOperationException($"the chunks have {_chunkSize} points each and end by themselves");

    /// <summary>Writes an extended record behind the points, which are ended by the first one. LAS 1.3 has one, of waveforms; older versions have none.</summary>
    public async ValueTask WriteExtendedAsync(VariableLengthRecord record, CancellationToken cancellation = default)
    {
        await BeginExtendedAsync(record.UserId, record.RecordId, record.Description, record.Content.Length, cancellation);
        await WriteBytesAsync(record.Content, cancellation);
    }

    /// <summary>Copies an extended record of another file, however large.</summary>
    public async ValueTask CopyExtendedAsync(IByteSource source, ExtendedRecord record, CancellationToken cancellation = default)
    {
        await BeginExtendedAsync(record.UserId, record.RecordId, record.Description, record.LengthBytes, cancellation);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            for (long done = 0; done < record.LengthBytes;)
            {
                var part = buffer.AsMemory(0, (int)Math.Min(buffer.Length, record.LengthBytes - done));
                if (await source.ReadAsync(record.ContentOffset + done, part, cancellation) < part.Length)
                    throw new InvalidPointCloudException(source.Name, $"extended record {record.UserId}/{record.RecordId} ends with the file");
                await WriteBytesAsync(part, cancellation);
                done += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Ends the file. Returns the header as it is in the file.</summary>
    /// <exception cref="InvalidOperationException">The stream cannot seek, and the given header was wrong about the points.</exception>
    public async Task<LasHeader> FinishAsync(CancellationToken cancellation = default)
    {
        await ClosePointsAsync(cancellation);
        var header = _statistics.Complete(_given);
        if (header.MinorVersion < 4 && header.PointCount > uint.MaxValue)
            throw new InvalidOperationException($"{header.PointCount} points do not fit LAS 1.{header.MinorVersion}: it counts to {uint.MaxValue}");
        if (_output.CanSeek)
        {
            var end = _output.Position;
            _output.Position = _start;
            await _output.WriteAsync(LasHeaderCodec.Write(header, _layout, _waveforms), cancellation);
            _output.Position = end;
        }
        else
        {
            if (_laz is not null && _layout.TablePosition is { } table)
                await WriteNumberAsync(table, cancellation);
            if (_given.PointCount != header.PointCount || !_given.PointsByReturn.SequenceEqual(header.PointsByReturn)
                || _given.Min != header.Min || _given.Max != header.Max || _layout.ExtendedCount > 0)
                throw new InvalidOperationException("the stream cannot seek, and the header that it begins with says something else of the points and records than is written");
        }

        await _output.FlushAsync(cancellation);
        return header;
    }

    /// <summary>Gives memory back; the file is whole only after <see cref="FinishAsync"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        while (_encoding.TryDequeue(out var chunk))
        {
            try
            {
                (await chunk).Dispose();
            }
            catch (OutOfMemoryException)
            {
                // Nothing is lost: the file is being given up.
            }
        }

        if (_pending.Length > 0)
            ArrayPool<byte>.Shared.Return(_pending);
        _pending = [];
        _slots.Dispose();
    }

    private async ValueTask DispatchAsync(CancellationToken cancellation)
    {
        if (_pendingBytes == 0)
            return;
        var (records, bytes) = (_pending, _pendingBytes);
        (_pending, _pendingBytes) = ([], 0);
        _encoding.Enqueue(Task.Run(() => EncodeInTurnAsync(records, bytes), CancellationToken.None));
        while (_encoding.Count > _threads)
            await WriteChunkAsync(cancellation);
    }

    private static void Check(LasHeader header, PointCloudWriterOptions options)
    {
        var format = header.PointFormat.Number;
        var least = format switch { >= 6 => 4, >= 4 => 3, >= 2 => 2, _ => 0 };
        if (header.MinorVersion is < 0 or > 5 || header.MinorVersion < least)
            throw new ArgumentException($"point format {format} in LAS 1.{header.MinorVersion}: it needs LAS 1.{least} to 1.5");
        if (header.DefinedSize + header.UserBytes.Length > ushort.MaxValue)
            throw new ArgumentException($"the header has {header.UserBytes.Length} bytes of its user: at most {ushort.MaxValue - header.DefinedSize} fit");
        if (options.ChunkSize < 0 || options.ChunkSize > Array.MaxLength / header.PointFormat.RecordLength)
            throw new ArgumentException($"chunks of {options.ChunkSize} points: 0 to {Array.MaxLength / header.PointFormat.RecordLength} are possible");
    }

    private async Task BeginAsync(List<VariableLengthRecord> records, CancellationToken cancellation)
    {
        records.RemoveAll(record => record.IsLaszip);
        if (_laz is not null)
            records.Add(new VariableLengthRecord("laszip encoded", 22204, "by Grid", _laz.Write()));
        if (records.Find(record => record.Content.Length > ushort.MaxValue) is { } tooLong)
            throw new ArgumentException($"record {tooLong.UserId}/{tooLong.RecordId} has {tooLong.Content.Length} bytes: at most {ushort.MaxValue} fit");
        var headerSize = _given.DefinedSize + _given.UserBytes.Length;
        var points = headerSize + records.Sum(record => (long)VariableLengthRecord.HeaderBytes + record.Content.Length);
        _layout = new LasLayout(headerSize, points, (uint)records.Count, 0, 0, _laz is not null);
        await WriteBytesAsync(LasHeaderCodec.Write(_given, _layout, 0), cancellation);
        await WriteBytesAsync(_given.UserBytes, cancellation);
        foreach (var record in records)
        {
            var head = new byte[VariableLengthRecord.HeaderBytes];
            BinaryPrimitives.WriteUInt16LittleEndian(head, record.Reserved);
            LasHeaderCodec.PutText(head.AsSpan(2, 16), record.UserId);
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(18), record.RecordId);
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(20), (ushort)record.Content.Length);
            LasHeaderCodec.PutText(head.AsSpan(22, 32), record.Description);
            await WriteBytesAsync(head, cancellation);
            await WriteBytesAsync(record.Content, cancellation);
        }

        // The place of the chunk table, once it is known: -1 says that it stands at the file's end.
        if (_laz is not null)
            await WriteNumberAsync(_output.CanSeek ? points : -1, cancellation);
    }

    private void Reserve(int bytes)
    {
        var wanted = _chunkSize == 0 ? checked(_pendingBytes + bytes) : _chunkSize * _format.RecordLength;
        if (_pending.Length >= wanted)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(_chunkSize == 0 ? (int)Math.Min(Math.Max(wanted, 2L * _pending.Length), Array.MaxLength) : wanted);
        _pending.AsSpan(0, _pendingBytes).CopyTo(larger);
        if (_pending.Length > 0)
            ArrayPool<byte>.Shared.Return(_pending);
        _pending = larger;
    }

    private async Task<EncodedChunk> EncodeInTurnAsync(byte[] records, int bytes)
    {
        await _slots.WaitAsync();
        try
        {
            return Encode(records, bytes);
        }
        finally
        {
            _slots.Release();
        }
    }

    private unsafe EncodedChunk Encode(byte[] records, int bytes)
    {
        var statistics = PointStatistics.Of(records.AsSpan(0, bytes), _format);
        if (_laz is null)
            return new EncodedChunk(records, bytes, statistics);
        var count = bytes / _format.RecordLength;
        fixed (byte* points = records)
        {
            byte[] rented;
            int length;
            if (_laz.Compressor == LazCompressor.Layered)
            {
                var encoder = _layered.TryTake(out var free) ? free : new LayeredEncoder(_laz, _format);
                (rented, length) = encoder.Encode(points, count);
                _layered.Add(encoder);
            }
            else
            {
                var encoder = _pointwise.TryTake(out var free) ? free : new PointwiseEncoder(_laz);
                (rented, length) = encoder.Encode(points, count);
                _pointwise.Add(encoder);
            }

            ArrayPool<byte>.Shared.Return(records);
            return new EncodedChunk(rented, length, statistics);
        }
    }

    private async Task WriteChunkAsync(CancellationToken cancellation)
    {
        using var chunk = await _encoding.Dequeue();
        _chunks.Add(new PointChunk(_chunks.Count, _statistics.Count, (int)chunk.Statistics.Count, _position, chunk.Bytes.Length));
        await WriteBytesAsync(chunk.Bytes, cancellation);
        _statistics.Add(chunk.Statistics);
    }

    private async ValueTask ClosePointsAsync(CancellationToken cancellation)
    {
        if (_pointsAreClosed)
            return;
        await DispatchAsync(cancellation);
        while (_encoding.Count > 0)
            await WriteChunkAsync(cancellation);
        _pointsAreClosed = true;
        if (_laz is null)
            return;
        _layout = _layout with { TablePosition = _position };
        var table = ChunkTable.Write([.. _chunks.Select(chunk => new ChunkEntry((uint)chunk.Count, (uint)chunk.LengthBytes))], _laz.HasVariableChunks);
        await WriteBytesAsync(table, cancellation);
        if (_output.CanSeek)
        {
            var end = _output.Position;
            _output.Position = _start + _layout.PointOffset;
            await WriteNumberAsync(_layout.TablePosition.Value, cancellation);
            _output.Position = end;
            _position -= sizeof(long);
        }
    }

    private async Task BeginExtendedAsync(string userId, ushort recordId, string description, long length, CancellationToken cancellation)
    {
        await ClosePointsAsync(cancellation);
        var isWaves = userId == "LASF_Spec" && recordId == 65535;
        if (_given.MinorVersion < 4 && !(_given.MinorVersion == 3 && isWaves && _waveforms == 0))
            throw new InvalidOperationException($"LAS 1.{_given.MinorVersion} has no extended record {userId}/{recordId}");
        if (isWaves)
            _waveforms = _position;
        if (_given.MinorVersion >= 4)
        {
            _layout = _layout with
            {
                ExtendedOffset = _layout.ExtendedCount == 0 ? _position : _layout.ExtendedOffset,
                ExtendedCount = _layout.ExtendedCount + 1,
            };
        }

        var head = new byte[VariableLengthRecord.ExtendedHeaderBytes];
        LasHeaderCodec.PutText(head.AsSpan(2, 16), userId);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(18), recordId);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(20), length);
        LasHeaderCodec.PutText(head.AsSpan(28, 32), description);
        await WriteBytesAsync(head, cancellation);
    }

    private async ValueTask WriteNumberAsync(long number, CancellationToken cancellation)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        await WriteBytesAsync(bytes, cancellation);
    }

    private async ValueTask WriteBytesAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await _output.WriteAsync(bytes, cancellation);
        _position += bytes.Length;
    }
}
