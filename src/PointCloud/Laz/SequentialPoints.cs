using Grid.PointCloud.Las;
using Grid.PointCloud.Laz.Pointwise;

namespace Grid.PointCloud.Laz;

/// <summary>Reads pointwise points whose chunks cannot be found but by decoding what is before them, through a window on the file. Safe from any thread.</summary>
internal sealed class SequentialPoints(IByteSource source, LazParameters parameters, PointFormat format, LazChunkIndex index) : IDisposable
{
    private const int WindowBytes = 1 << 20;

    private readonly SemaphoreSlim _turn = new(1);
    private readonly PointwiseDecoder _decoder = new(parameters);
    private byte[] _window = [];
    private int _at;
    private int _filled;
    private long _position = index.DataStart;
    private int _next;

    /// <summary>Reads a chunk: at once when it follows the one read last, otherwise from the file's beginning on.</summary>
    /// <exception cref="CorruptDataException">The points are damaged there or before.</exception>
    public async Task<PointBatch> ReadAsync(int chunk, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (chunk < _next)
                (_next, _at, _filled, _position) = (0, 0, 0, index.DataStart);
            while (_next < chunk)
                (await NextAsync(cancellation)).Dispose();
            return await NextAsync(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<PointBatch> NextAsync(CancellationToken cancellation)
    {
        var chunk = index.Chunks[_next];
        // Until it is read whole, nothing can follow it.
        _next = int.MaxValue;
        var batch = new PointBatch(format, chunk.FirstPoint, chunk.Count);
        try
        {
            var done = 0;
            if (chunk.Index == 0 || parameters.Compressor != LazCompressor.Pointwise)
            {
                await FillAsync(_decoder.StartBytes, cancellation);
                if (_filled - _at < _decoder.StartBytes)
                    throw new CorruptDataException("the file ends before its first point");
                Start(batch);
                done = 1;
            }

            while (done < chunk.Count)
            {
                await FillAsync(_decoder.BytesPerPoint, cancellation);
                var points = Decode(batch, done);
                if (points == 0 || _at > _filled)
                    throw new CorruptDataException($"the file ends within point {Math.Max(0, done + points - 1)} of its {chunk.Count}");
                done += points;
            }

            if (chunk.Index == index.Chunks.Length - 1 && _position + _at != index.DataEnd)
                throw new CorruptDataException($"the last point ends at byte {_position + _at}, the compressed points at {index.DataEnd}");
            _next = chunk.Index + 1;
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <summary>Sees to it that so many bytes are in the window, unless the points end before.</summary>
    private async ValueTask FillAsync(int wanted, CancellationToken cancellation)
    {
        if (_filled - _at >= wanted || _position + _filled >= index.DataEnd)
            return;
        if (_window.Length == 0)
            _window = new byte[Math.Max(WindowBytes, 4 * _decoder.BytesPerPoint) + _decoder.BytesPerPoint];
        _window.AsSpan(_at, _filled - _at).CopyTo(_window);
        (_position, _filled, _at) = (_position + _at, _filled - _at, 0);
        var room = (int)Math.Min(_window.Length - _decoder.BytesPerPoint - _filled, index.DataEnd - _position - _filled);
        var read = await source.ReadAsync(_position + _filled, _window.AsMemory(_filled, room), cancellation);
        if (read < room)
            throw new CorruptDataException($"the file ends at byte {_position + _filled + read}");
        _filled += read;
    }

    private unsafe void Start(PointBatch batch)
    {
        fixed (byte* window = _window, records = batch.Writable.Span)
            _at += _decoder.Start(window + _at, records);
    }

    private unsafe int Decode(PointBatch batch, int done)
    {
        var isEnd = _position + _filled >= index.DataEnd;
        fixed (byte* window = _window, records = batch.Writable.Span)
        {
            var limit = window + _filled - (isEnd ? 0 : _decoder.BytesPerPoint);
            var (points, bytes) = _decoder.Decode(window + _at, limit, records + ((nint)done * format.RecordLength), batch.Count - done);
            _at += (int)bytes;
            return points;
        }
    }
}
