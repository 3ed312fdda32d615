using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Grid.Frontend.Layers;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>
/// A client's connection as long as it asks for tiles in plain requests. With the first other request the socket, and what was read of it and has no
/// answer yet, are the HTTP server's; nothing is held for a connection that is idle. All but <see cref="Execute"/> runs on the thread of its loop.
/// </summary>
internal sealed class TileConnection(TileLoop loop, TileListener listener, Socket socket) : IThreadPoolWorkItem
{
    private readonly int _descriptor = (int)socket.Handle;
    private TileRequest _request;
    private TileAnswer _answer;
    private bool _headOnly;
    private int _headLength;
    private byte[] _kept = [];
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

        /// <summary>Was refused, and waits until it may ask again.</summary>
        Resting,

        /// <summary>Closed, or another's.</summary>
        Left,
    }

    public int Descriptor => _descriptor;

    public TileListener Listener => listener;

    /// <summary>The loop's <see cref="TileLoop.Now"/> at the last progress.</summary>
    public long LastProgress { get; private set; } = loop.Now;

    public bool IsIdle => _state is State.Reading or State.Resting;

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
        var kept = _kept;
        _kept = [];
        if (_fetched is not { } tile)
        {
            // What went wrong, the HTTP server tells, and may do better.
            HandOver(kept);
            return;
        }

        _fetched = null;
        _state = State.Reading;
        loop.Epoll.Change(Libc.Modify, _descriptor, Libc.Requests);
        Answer(tile, isHot: false);
        GoOn(kept.AsSpan(_headLength));
    }

    /// <summary>A connection that was refused may ask again.</summary>
    public void Rested()
    {
        if (_state == State.Resting)
            Resume();
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
        var buffer = loop.Buffer;
        nint received;
        fixed (byte* start = buffer)
            received = Libc.recv(_descriptor, start, buffer.Length, Libc.DontWait);
        if (received < 0 && Marshal.GetLastPInvokeError() is Libc.Again or Libc.Interrupted)
            return;
        if (received <= 0 || listener.IsUnbound)
        {
            Close();
            return;
        }

        _begun = Stopwatch.GetTimestamp();
        LastProgress = loop.Now;
        Take(buffer.AsSpan(0, (int)received));
    }

    /// <summary>Answers the requests that came, one after the other, until one has to wait.</summary>
    private void Take(ReadOnlySpan<byte> received)
    {
        while (!received.IsEmpty && _state == State.Reading)
        {
            if (!RequestHead.TryRead(received, out var head) || !loop.Targets.TryRead(head, out _request))
            {
                HandOver(received);
                return;
            }

            (_headOnly, _headLength) = (head.IsHead, head.Length);
            if (loop.TryRefuse())
            {
                var refusal = loop.Errors.Of(_request, HotTile.Refused);
                Send(new TileAnswer(refusal.Head, default, refusal.Body, _headOnly), TileInstruments.Refused);
                Rest();
            }
            else if (!head.KnownTag.IsEmpty && HotTile.ETagOf((PublishedLayer)_request.Tile.Layer, _request.Tile, _request.Style) is var tag && Ascii.Equals(head.KnownTag, tag))
            {
                Send(new TileAnswer(Unchanged(tag), default, default, headOnly: true), TileInstruments.Unchanged);
            }
            else if (loop.Hot.TryFind(new TileKey(_request.Tile, _request.Style), out var tile))
            {
                Answer(tile, isHot: true);
            }
            else
            {
                _kept = received.ToArray();
                _state = State.Fetching;
                loop.Epoll.Change(Libc.Modify, _descriptor, 0);
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            received = received[_headLength..];
        }

        if (!received.IsEmpty && _state != State.Left)
            _kept = received.ToArray();
    }

    private void GoOn(ReadOnlySpan<byte> received)
    {
        _begun = Stopwatch.GetTimestamp();
        Take(received);
    }

    /// <summary>Waits for requests again, those that were kept first.</summary>
    private void Resume()
    {
        _state = State.Reading;
        loop.Epoll.Change(Libc.Modify, _descriptor, Libc.Requests);
        var kept = _kept;
        _kept = [];
        GoOn(kept);
    }

    // Whoever asks again at once would be refused again and again, and what that costs would be the others' tiles.
    private void Rest()
    {
        if (_state != State.Reading)
            return;
        _state = State.Resting;
        loop.Epoll.Change(Libc.Modify, _descriptor, 0);
        loop.Rest(this);
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
        LastProgress = loop.Now;
        if (_answer.Send(_descriptor, out var failed))
        {
            _answer = default;
            Resume();
        }
        else if (failed)
        {
            Close();
        }
    }

    private void HandOver(ReadOnlySpan<byte> received)
    {
        _state = State.Left;
        loop.Remove(this);
        listener.HandOver(socket, received.ToArray());
    }
}
