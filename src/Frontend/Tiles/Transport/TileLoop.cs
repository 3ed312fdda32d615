using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>One thread that waits for requests of tiles on many connections and answers them, one after the other, with no other thread's help.</summary>
internal sealed class TileLoop : IDisposable
{
    private const int SweepMilliseconds = 5000;
    private const int RestTickMilliseconds = 50;

    // Connections that were refused together come back at most so many times as fast as if they had been refused evenly: in a wave, half would be refused again.
    private const int RestPace = 2;

    // Requests beyond these are as many as these, for what is to be decided.
    private const int MostCounted = 16384;

    // A few answers take so long.
    private static readonly TimeSpan s_turn = TimeSpan.FromMicroseconds(100);

    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Dictionary<int, TileConnection> _connections = [];
    private readonly Queue<(TileConnection Connection, long Until)> _resting = new();
    private readonly LoadGate _gate;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly TimeSpan _idleLimit;
    private readonly Thread _thread;
    private readonly int _restMilliseconds;
    private readonly int? _processor;
    private volatile bool _stopping;
    private long _served;
    private int _toRefuse;
    private bool _wasRefused;
    private long _releaseAt;

    /// <param name="processor">The processor that the thread keeps to; null for any.</param>
    public TileLoop(
        string name, int? processor, TileFrontDoor door, HotTiles hot, TileSource source, TileErrors errors, ServingOptions options, TimeSpan idleLimit, TimeProvider time, ILogger log)
    {
        (Targets, Hot, Source, Errors, _idleLimit, _time, _log) = (new KnownTargets(door), hot, source, errors, idleLimit, time, log);
        _processor = processor;
        _restMilliseconds = options.RetryAfterSeconds * 1000;
        _gate = new LoadGate(options.TileQueueMilliseconds, _restMilliseconds + 1000, 2 * Epoll.MostAtOnce);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    public Epoll Epoll { get; } = new();

    /// <summary>Milliseconds of a clock that goes on evenly, when the thread looked last.</summary>
    public long Now { get; private set; }

    public KnownTargets Targets { get; }

    public HotTiles Hot { get; }

    public TileSource Source { get; }

    public TileErrors Errors { get; }

    /// <summary>What is being looked at; a longer head than this is not a plain request's.</summary>
    public byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(4096, pinned: true);

    /// <summary>Takes a new connection. Any thread may call it.</summary>
    public void Add(TileListener listener, Socket socket) => Post(() =>
    {
        if (_stopping || listener.IsUnbound)
        {
            socket.Dispose();
            return;
        }

        try
        {
            var connection = new TileConnection(this, listener, socket);
            Epoll.Change(Libc.Add, connection.Descriptor, Libc.Requests);
            _connections[connection.Descriptor] = connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    });

    /// <summary>A connection's tile has come. Any thread may call it.</summary>
    public void Post(TileConnection connection) => Post(connection.Fetched);

    /// <summary>Closes a listener's idle connections, and its others when they have their answers. Any thread may call it.</summary>
    public void Drain(TileListener listener) => Post(() =>
    {
        foreach (var connection in _connections.Values.Where(connection => connection.Listener == listener && connection.IsIdle).ToList())
            connection.Close();
    });

    /// <summary>Whether the request at hand is one too many. Of two in a row one is served, however many are to be refused: who is served waits for no row of refusals.</summary>
    public bool TryRefuse()
    {
        _wasRefused = !_wasRefused && _toRefuse > 0;
        if (_wasRefused)
            _toRefuse--;
        else
            _served++;
        return _wasRefused;
    }

    /// <summary>Lets a connection that was refused ask again when it was told to: what comes before that waits.</summary>
    public void Rest(TileConnection connection) => _resting.Enqueue((connection, Now + _restMilliseconds));

    public void Remove(TileConnection connection)
    {
        _connections.Remove(connection.Descriptor);
        Epoll.Change(Libc.Delete, connection.Descriptor, 0);
    }

    public void Dispose()
    {
        _stopping = true;
        Epoll.Wake();
        _thread.Join();
        Epoll.Dispose();
    }

    private void Post(Action action)
    {
        _posted.Enqueue(action);
        Epoll.Wake();
    }

    private void Run()
    {
        if (_processor is { } processor)
            Processors.Keep(processor);
        Processors.TakeShortTurns(s_turn);
        var sinceYield = 0;
        Look();
        var swept = Now;
        var waiting = () => Epoll.CountRequests(MostCounted);
        while (!_stopping)
        {
            var ready = Epoll.Wait(_resting.Count > 0 ? RestTickMilliseconds : SweepMilliseconds);
            Look();
            var isQueue = ready == Epoll.MostAtOnce;
            var excess = _gate.Excess(Now, isQueue, _served, waiting);
            _toRefuse = isQueue ? Math.Max(_toRefuse, excess) : 0;
            for (var i = 0; i < ready; i++)
            {
                if (Epoll.TryGet(i, out var descriptor, out var happening) && _connections.TryGetValue(descriptor, out var connection))
                    Ready(connection, happening);
            }

            // Where clients run on this machine, as a proxy before the server does, they take their answers now, while these are in the cache and before
            // the clients' wait is one for a whole turn of this thread; where nobody does, nobody takes the turn.
            sinceYield += ready;
            if (sinceYield >= Epoll.MostAtOnce)
            {
                sinceYield = 0;
                Thread.Yield();
            }

            while (_posted.TryDequeue(out var action))
                Do(action);
            Look();
            Release();
            if (Now - swept >= SweepMilliseconds)
            {
                swept = Now;
                Sweep();
            }
        }

        foreach (var connection in _connections.Values.ToList())
            Do(connection.Close);
    }

    private void Look() => Now = _time.GetTimestamp() / (_time.TimestampFrequency / 1000);

    /// <summary>Lets those ask again that have rested.</summary>
    private void Release()
    {
        if (_resting.Count == 0 || Now < _releaseAt)
            return;
        _releaseAt = Now + RestTickMilliseconds;
        var most = Epoll.MostAtOnce + (RestPace * _resting.Count * RestTickMilliseconds / _restMilliseconds);
        while (most-- > 0 && _resting.TryPeek(out var rested) && rested.Until <= Now)
            Do(_resting.Dequeue().Connection.Rested);
    }

    private void Ready(TileConnection connection, uint happening)
    {
        try
        {
            connection.Ready(happening);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _log.LogError(failure, "A connection is closed");
            Do(connection.Close);
        }
    }

    private void Do(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _log.LogError(failure, "A connection is lost");
        }
    }

    private void Sweep()
    {
        foreach (var connection in _connections.Values.Where(connection => Now - connection.LastProgress > _idleLimit.TotalMilliseconds).ToList())
            connection.Close();
    }
}
