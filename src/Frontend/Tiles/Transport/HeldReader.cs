using System.Buffers;
using System.IO.Pipelines;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>What a socket has received already, and then the rest of it, as one stream.</summary>
internal sealed class HeldReader(byte[] held, PipeReader rest) : PipeReader
{
    private ReadOnlySequence<byte> _held = new(held);
    private bool _isExamined;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_held.IsEmpty)
            return await rest.ReadAsync(cancellationToken);
        return _isExamined ? Joined(await rest.ReadAsync(cancellationToken)) : new ReadResult(_held, isCanceled: false, isCompleted: false);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_held.IsEmpty)
            return rest.TryRead(out result);
        if (!_isExamined)
        {
            result = new ReadResult(_held, isCanceled: false, isCompleted: false);
            return true;
        }

        if (!rest.TryRead(out result))
            return false;
        result = Joined(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_held.IsEmpty)
        {
            rest.AdvanceTo(consumed, examined);
            return;
        }

        _isExamined = _held.Slice(examined).IsEmpty;
        _held = _held.Slice(consumed);
    }

    public override void CancelPendingRead() => rest.CancelPendingRead();

    public override void Complete(Exception? exception = null) => rest.Complete(exception);

    // Until a request is whole, which takes a few reads at most: its bytes come into one piece.
    private ReadResult Joined(ReadResult more)
    {
        if (!more.Buffer.IsEmpty)
        {
            var all = new byte[_held.Length + more.Buffer.Length];
            _held.CopyTo(all);
            more.Buffer.CopyTo(all.AsSpan((int)_held.Length));
            _held = new ReadOnlySequence<byte>(all);
        }

        rest.AdvanceTo(more.Buffer.End);
        return new ReadResult(_held, more.IsCanceled, more.IsCompleted);
    }
}

/// <summary>Both ways of a connection whose first bytes have been read already.</summary>
internal sealed class HeldPipe(byte[] held, IDuplexPipe connection) : IDuplexPipe
{
    public PipeReader Input { get; } = new HeldReader(held, connection.Input);

    public PipeWriter Output => connection.Output;
}
