using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Grid.Frontend.Layers;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>
/// A client's connection as long as it asks for tiles in plain requests. A request stays in the kernel's buffer until its answer is certain, so
/// that whatever is no such request leaves with the socket, whole, for the HTTP server; nothing is held for a connection that is idle. All but
/// <see cref="Execute"/> runs on the thread of its loop.
/// </summary>
internal sealed class TileConnection(TileLoop loop, TileListener listener, Socket socket) : IThreadPoolWorkItem
{
    // A client that sends requests without end lets others get a word in.
    private const int MostInARow = 16;

    private readonly int _descriptor = (int)socket.Handle;
    private TileRequest _request;
    private TileAnswer _answer;
    private bool _headOnly;
    private int _headLength;
    private HotTile? _fetched;
    private long _begun;
    private State _state;

    private enum State
    {
        /// <summary>Waits for a request.</summary>
        Reading,

        /// <summary>Waits for a tile.</summary>
        Fetching,

        /// <summary>Waits until the client has taken what the socket holds.</summary>
        Sending,

        /// <summary>Closed, or another's.</summary>
        Left,
    }

    public int Descriptor => _descriptor;

    public TileListener Listener => listener;

    /// <summary>Milliseconds of the machine's uptime at the last progress.</summary>
    public long LastProgress { get; private set; } = Environment.TickCount64;

    public bool IsIdle => _state == State.Reading;

    /// <summary>The socket is ready for something.</summary>
    public void Ready(uint happening)
    {
        if ((happening & (Libc.Error | Libc.HangUp)) != 0)
            Close();
        else if (_state == State.Sending)
            Continue();
        else if (_state == State.Reading)
            Read();
    }

    /// <summary>The tile has come, or cannot be had.</summary>
    public void Fetched()
    {
        if (_state != State.Fetching)
            return;
        if (_fetched is not { } tile)
        {
            // What went wrong, the HTTP server tells, and may do better.
            HandOver();
            return;
        }

        _fetched = null;
        _state = State.Reading;
        loop.Epoll.Change(Libc.Modify, _descriptor, Libc.In);
        Answer(tile, isHot: false);
    }

    public void Close()
    {
        if (_state == State.Left)
            return;
        _state = State.Left;
        loop.Remove(this);
        socket.Dispose();
    }

    /// <summary>Fetches the tile that was asked for, on the thread pool: a store may take its time.</summary>
    public async void Execute()
    {
        try
        {
            _fetched = await loop.Source.GetAsync(_request.Tile, _request.Style, out _);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _fetched = null;
        }

        loop.Post(this);
    }

    private unsafe void Read()
    {
        // Requests that came together are answered one after the other.
        for (var i = 0; i < MostInARow && _state == State.Reading; i++)
        {
            var buffer = loop.Buffer;
            nint received;
            fixed (byte* start = buffer)
                received = Libc.recv(_descriptor, start, buffer.Length, Libc.Peek | Libc.DontWait);
            if (received < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() is Libc.Again or Libc.Interrupted)
                return;
            if (received <= 0)
            {
                Close();
                return;
            }

            _begun = Stopwatch.GetTimestamp();
            LastProgress = Environment.TickCount64;
            if (listener.IsUnbound)
            {
                Close();
                return;
            }

            if (!RequestHead.TryRead(buffer.AsSpan(0, (int)received), out var head) || !TryReadTile(head))
            {
                HandOver();
                return;
            }

            (_headOnly, _headLength) = (head.IsHead, head.Length);
            if (!head.KnownTag.IsEmpty && HotTile.ETagOf((PublishedLayer)_request.Tile.Layer, _request.Tile, _request.Style) is var tag && Ascii.Equals(head.KnownTag, tag))
            {
                Send(new TileAnswer(Unchanged(tag), default, default, headOnly: true), TileInstruments.Unchanged);
                if (received == _headLength)
                    return;
                continue;
            }

            if (!loop.Hot.TryFind(new TileKey(_request.Tile, _request.Style), out var tile))
            {
                _state = State.Fetching;
                loop.Epoll.Change(Libc.Modify, _descriptor, 0);
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            Answer(tile, isHot: true);
            if (received == _headLength)
                return;
        }
    }

    private bool TryReadTile(in RequestHead head)
    {
        Span<char> text = stackalloc char[head.Path.Length + head.Query.Length];
        Ascii.ToUtf16(head.Path, text, out var path);
        Ascii.ToUtf16(head.Query, text[path..], out _);
        return loop.Door.TryRead(text[..path], text[path..], out _request);
    }

    private static byte[] Unchanged(string tag) => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 304 Not Modified\r\nCache-Control: {TileResponse.CacheControl}\r\nETag: {tag}\r\nAccess-Control-Allow-Origin: *\r\n"
        + $"Access-Control-Expose-Headers: {Cors.Exposed}\r\n");

    private void Answer(HotTile tile, bool isHot)
    {
        var result = TileInstruments.ResultOf(tile, isHot);
        if (tile.Exists)
        {
            Send(new TileAnswer(tile.HttpHead, tile.Header, tile.Stored, _headOnly), result);
            return;
        }

        var error = loop.Errors.Of(_request, tile);
        Send(new TileAnswer(error.Head, default, error.Body, _headOnly), result);
    }

    private void Send(in TileAnswer answer, in KeyValuePair<string, object?> result)
    {
        if (!Discard(_headLength))
        {
            Close();
            return;
        }

        _answer = answer;
        var sent = _answer.Send(_descriptor, out var failed);
        // What is left waits for the client.
        TileInstruments.Answered(_begun, result);
        if (sent)
        {
            _answer = default;
            return;
        }

        if (failed)
        {
            Close();
            return;
        }

        _state = State.Sending;
        loop.Epoll.Change(Libc.Modify, _descriptor, Libc.Out);
    }

    private void Continue()
    {
        LastProgress = Environment.TickCount64;
        if (_answer.Send(_descriptor, out var failed))
        {
            _answer = default;
            _state = State.Reading;
            loop.Epoll.Change(Libc.Modify, _descriptor, Libc.In);
        }
        else if (failed)
        {
            Close();
        }
    }

    // Of a stream socket, a length without a buffer is dropped (tcp(7), MSG_TRUNC).
    private unsafe bool Discard(int length) => Libc.recv(_descriptor, null, length, Libc.Discard | Libc.DontWait) == length;

    private void HandOver()
    {
        _state = State.Left;
        loop.Remove(this);
        listener.HandOver(socket);
    }
}
