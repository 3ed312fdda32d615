using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Grid.PointCloud.Las;
using Grid.PointCloud.Laz;
using Grid.PointCloud.Laz.Layered;
using Grid.PointCloud.Laz.Pointwise;

namespace Grid.PointCloud;

/// <summary>
/// Reads LAS 1.0 to 1.5 and LAZ, COPC's too, by ranges: never the whole file. Memory is bounded by the chunks in flight and by <see cref="PointCloudLimits"/>.
/// Safe from any thread. Every error in the file is an <see cref="InvalidPointCloudException"/>.
/// </summary>
public sealed class PointCloudReader : IAsyncDisposable
{
    private readonly IByteSource _source;
    private readonly PointCloudLimits _limits;
    private readonly LazParameters? _laz;
    private readonly SequentialPoints? _sequence;
    private readonly PointChunk[] _chunks;
    private readonly ConcurrentBag<LayeredDecoder> _layered = [];
    private readonly ConcurrentBag<PointwiseDecoder> _pointwise = [];

    private PointCloudReader(IByteSource source, PointCloudLimits limits, LasFileHead head, LazParameters? laz, LazChunkIndex? index)
    {
        (_source, _limits, _laz) = (source, limits, laz);
        (Header, Records, ExtendedRecords) = (head.Header, head.Records, head.ExtendedRecords);
        Warnings = index?.Warning is { } warning ? [.. head.Warnings, warning] : head.Warnings;
        _chunks = index?.Chunks ?? Split(head);
        if (index is { IsSequential: true })
            _sequence = new SequentialPoints(source, laz!, head.Header.PointFormat, index);
    }

    public string Name => _source.Name;

    public LasHeader Header { get; }

    /// <summary>The variable length records, but for the one that describes the compression.</summary>
    public IReadOnlyList<VariableLengthRecord> Records { get; }

    /// <summary>The records behind the points; <see cref="ReadContentAsync"/> reads what is in them.</summary>
    public IReadOnlyList<ExtendedRecord> ExtendedRecords { get; }

    public bool IsCompressed => _laz is not null;

    /// <summary>Contradictions in the file that cost no point: sentences for a delivery's report.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The chunks in the file's order.</summary>
    public IReadOnlyList<PointChunk> Chunks => _chunks;

    /// <summary>False when a chunk can be read only after all before it: the file has one stream, or its chunk table is lost.</summary>
    public bool HasRandomAccess => _sequence is null;

    /// <summary>Reads header, records and chunk table. The source is disposed with the reader, or when this fails.</summary>
    /// <exception cref="InvalidPointCloudException">It is no point cloud that can be read.</exception>
    public static Task<PointCloudReader> OpenAsync(IByteSource source, PointCloudLimits? limits = null, CancellationToken cancellation = default) =>
        OpenAsync(source, limits ?? PointCloudLimits.Default, hasOtherIndex: false, cancellation);

    /// <summary>Opens a local file.</summary>
    /// <inheritdoc cref="OpenAsync(IByteSource, PointCloudLimits?, CancellationToken)"/>
    public static Task<PointCloudReader> OpenAsync(string path, CancellationToken cancellation = default) =>
        OpenAsync(new FileByteSource(path), null, cancellation);

    /// <summary>Opens a LAZ file whose chunks an index other than the chunk table places: <see cref="Chunks"/> is empty.</summary>
    internal static Task<PointCloudReader> OpenWithoutTableAsync(IByteSource source, PointCloudLimits limits, CancellationToken cancellation) =>
        OpenAsync(source, limits, hasOtherIndex: true, cancellation);

    private static async Task<PointCloudReader> OpenAsync(IByteSource source, PointCloudLimits limits, bool hasOtherIndex, CancellationToken cancellation)
    {
        try
        {
            var head = await LasFileHead.ReadAsync(source, limits, cancellation);
            if (!head.Layout.IsCompressed)
            {
                return !hasOtherIndex
                    ? new PointCloudReader(source, limits, head, null, null)
                    : throw new CorruptDataException("the points are not compressed, as they are in COPC");
            }

            var record = head.Laszip ?? throw new CorruptDataException("the points are compressed, but there is no laszip record");
            var laz = LazParameters.Read(record.Span, head.Header.PointFormat);
            var index = hasOtherIndex
                ? new LazChunkIndex([], head.Layout.PointOffset, head.Layout.PointOffset, IsSequential: false, Warning: null)
                : await LazChunkIndex.ReadAsync(source, head.Header, head.Layout, laz, cancellation);
            return new PointCloudReader(source, limits, head, laz, index);
        }
        catch (CorruptDataException corrupt)
        {
            await source.DisposeAsync();
            throw new InvalidPointCloudException(source.Name, corrupt.Message, corrupt);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Reads all points in the file's order, chunk by chunk, decoding on several threads. Each batch is the caller's to dispose.
    /// </summary>
    /// <param name="threads">Chunks decoded at once, as many more being in memory; 0 for as many as there are processors.</param>
    public async IAsyncEnumerable<PointBatch> ReadAsync(
        PointFields fields = PointFields.All, int threads = 0, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        threads = _sequence is not null ? 1 : threads > 0 ? threads : Environment.ProcessorCount;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ahead = new ChunksAhead(this, fields, 2 * threads);
        Task[] workers = [.. Enumerable.Range(0, Math.Min(threads, _chunks.Length)).Select(_ => Task.Run(() => ahead.WorkAsync(stop.Token), CancellationToken.None))];
        try
        {
            for (var chunk = 0; chunk < _chunks.Length; chunk++)
                yield return await ahead.TakeAsync(chunk, stop.Token);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(workers);
            ahead.Dispose();
        }
    }

    /// <summary>Reads one chunk.</summary>
    /// <exception cref="InvalidPointCloudException">The chunk is damaged.</exception>
    public Task<PointBatch> ReadChunkAsync(int chunk, PointFields fields = PointFields.All, CancellationToken cancellation = default) =>
        ReadChunkAsync(_chunks[chunk], fields, cancellation);

    /// <summary>Reads one chunk: one of <see cref="Chunks"/>, or one that an index such as COPC's hierarchy places.</summary>
    /// <exception cref="InvalidPointCloudException">There is no such chunk, or it is damaged.</exception>
    public async Task<PointBatch> ReadChunkAsync(PointChunk chunk, PointFields fields = PointFields.All, CancellationToken cancellation = default)
    {
        try
        {
            var bytes = (long)chunk.Count * Header.PointFormat.RecordLength;
            if (chunk.Count < 0 || Math.Max(bytes, chunk.LengthBytes) > Math.Min(_limits.ChunkBytes, Array.MaxLength - (1 << 20)))
                throw new CorruptDataException($"{chunk.Count} points of {Header.PointFormat.RecordLength} bytes, from {chunk.LengthBytes}: a chunk may have {_limits.ChunkBytes} bytes");
            if (_sequence is not null)
                return await _sequence.ReadAsync(chunk.Index, cancellation);
            if (chunk.Offset < 0 || chunk.LengthBytes < 0 || chunk.LengthBytes > _source.LengthBytes - chunk.Offset)
                throw new CorruptDataException($"its {chunk.LengthBytes} bytes at {chunk.Offset} are not all in the file, which has {_source.LengthBytes}");
            return _laz is null ? await ReadRecordsAsync(chunk, cancellation) : await DecodeAsync(_laz, chunk, fields, cancellation);
        }
        catch (CorruptDataException corrupt)
        {
            throw new InvalidPointCloudException(Name, chunk.Index, corrupt.Message, corrupt);
        }
    }

    /// <summary>Reads what an extended record holds.</summary>
    /// <exception cref="InvalidPointCloudException">It is larger than <see cref="PointCloudLimits.RecordBytes"/>.</exception>
    public async Task<byte[]> ReadContentAsync(ExtendedRecord record, CancellationToken cancellation = default)
    {
        if (record.LengthBytes > _limits.RecordBytes)
            throw new InvalidPointCloudException(Name, $"extended record {record.UserId}/{record.RecordId} has {record.LengthBytes} bytes: {_limits.RecordBytes} are allowed");
        var content = new byte[record.LengthBytes];
        var read = await _source.ReadAsync(record.ContentOffset, content, cancellation);
        return read == content.Length ? content : throw new InvalidPointCloudException(Name, $"extended record {record.UserId}/{record.RecordId} ends with the file");
    }

    public async ValueTask DisposeAsync()
    {
        _sequence?.Dispose();
        await _source.DisposeAsync();
    }

    private static PointChunk[] Split(LasFileHead head)
    {
        var points = (long)head.Header.PointCount;
        var length = head.Header.PointFormat.RecordLength;
        const int Size = LazChunkIndex.PointsPerPart;
        // A count that the file cannot hold makes one chunk that says so, not billions.
        var there = Math.Min(points, ((head.FileLength - head.Layout.PointOffset) / length) + 1);
        var chunks = new PointChunk[(there + Size - 1) / Size];
        for (var i = 0; i < chunks.Length; i++)
        {
            var first = i * (long)Size;
            var count = (int)Math.Min(Size, there - first);
            chunks[i] = new PointChunk(i, first, count, head.Layout.PointOffset + (first * length), (long)count * length);
        }

        return chunks;
    }

    private async Task<PointBatch> ReadRecordsAsync(PointChunk chunk, CancellationToken cancellation)
    {
        var batch = new PointBatch(Header.PointFormat, chunk.FirstPoint, chunk.Count);
        try
        {
            if (await _source.ReadAsync(chunk.Offset, batch.Writable, cancellation) < batch.Writable.Length)
                throw new CorruptDataException("the file ends within it");
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private async Task<PointBatch> DecodeAsync(LazParameters laz, PointChunk chunk, PointFields fields, CancellationToken cancellation)
    {
        if (chunk.Count == 0)
            return new PointBatch(Header.PointFormat, chunk.FirstPoint, 0);
        var layered = laz.Compressor != LazCompressor.Layered ? null : _layered.TryTake(out var l) ? l : new LayeredDecoder(laz, Header.PointFormat);
        var pointwise = layered is not null ? null : _pointwise.TryTake(out var p) ? p : new PointwiseDecoder(laz);
        var length = (int)chunk.LengthBytes;
        var compressed = ArrayPool<byte>.Shared.Rent(length + (layered?.BytesPerPoint ?? pointwise!.BytesPerPoint));
        var batch = new PointBatch(Header.PointFormat, chunk.FirstPoint, chunk.Count);
        try
        {
            if (await _source.ReadAsync(chunk.Offset, compressed.AsMemory(0, length), cancellation) < length)
                throw new CorruptDataException("the file ends within it");
            Decode(layered, pointwise, compressed, length, batch, fields);
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
            if (layered is not null)
                _layered.Add(layered);
            else
                _pointwise.Add(pointwise!);
        }
    }

    private static unsafe void Decode(LayeredDecoder? layered, PointwiseDecoder? pointwise, byte[] compressed, int length, PointBatch batch, PointFields fields)
    {
        fixed (byte* chunk = compressed, records = batch.Writable.Span)
        {
            if (layered is not null)
                layered.DecodeChunk(chunk, length, records, batch.Count, fields);
            else
                pointwise!.DecodeChunk(chunk, length, records, batch.Count);
        }
    }

    /// <summary>
    /// Chunks that are read before they are asked for. Each worker takes the next one by itself, so that none waits for another; a window bounds how far they are
    /// ahead.
    /// </summary>
    private sealed class ChunksAhead : IDisposable
    {
        private readonly PointCloudReader _reader;
        private readonly PointFields _fields;
        private readonly TaskCompletionSource<PointBatch>[] _places;
        private readonly SemaphoreSlim _room;
        private int _next;

        public ChunksAhead(PointCloudReader reader, PointFields fields, int window)
        {
            (_reader, _fields) = (reader, fields);
            _places = new TaskCompletionSource<PointBatch>[window];
            for (var i = 0; i < window; i++)
                _places[i] = new TaskCompletionSource<PointBatch>();
            _room = new SemaphoreSlim(window);
        }

        /// <summary>Reads chunks until there are no more. Never fails: the taker of a chunk learns of it.</summary>
        public async Task WorkAsync(CancellationToken cancellation)
        {
            while (true)
            {
                try
                {
                    await _room.WaitAsync(cancellation);
                }
                catch (OperationCanceledException)
                {
                    return;
                }

                var chunk = Interlocked.Increment(ref _next) - 1;
                if (chunk >= _reader._chunks.Length)
                    return;
                var ready = _places[chunk % _places.Length];
                try
                {
                    ready.SetResult(await _reader.ReadChunkAsync(_reader._chunks[chunk], _fields, cancellation));
                }
                catch (Exception failure)
                {
                    ready.SetException(failure);
                }
            }
        }

        /// <summary>A chunk's points; chunks are taken in their order.</summary>
        public async Task<PointBatch> TakeAsync(int chunk, CancellationToken cancellation)
        {
            var batch = await _places[chunk % _places.Length].Task.WaitAsync(cancellation);
            _places[chunk % _places.Length] = new TaskCompletionSource<PointBatch>();
            _room.Release();
            return batch;
        }

        /// <summary>Gives back what nobody took; after the workers have ended.</summary>
        public void Dispose()
        {
            foreach (var place in _places)
            {
                if (place.Task.IsCompletedSuccessfully)
                    place.Task.Result.Dispose();
                // The first failure has been thrown already; those behind it are of no interest.
                _ = place.Task.Exception;
            }

            _room.Dispose();
        }
    }
}
