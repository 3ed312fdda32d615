using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>One thread that waits for requests of tiles on many connections and answers them, one after the other, with no other thread's help.</summary>
internal sealed class TileLoop : IDisposable
{
    private const int SweepMilliseconds = 5000;

    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Dictionary<int, TileConnection> _connections = [];
    private readonly ILogger _log;
    private readonly TimeSpan _idleLimit;
    private readonly Thread _thread;
    private volatile bool _stopping;

    public TileLoop(string name, TileFrontDoor door, HotTiles hot, TileSource source, TileErrors errors, TimeSpan idleLimit, ILogger log)
    {
        (Door, Hot, Source, Errors, _idleLimit, _log) = (door, hot, source, errors, idleLimit, log);
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    public Epoll Epoll { get; } = new();

    public TileFrontDoor Door { get; }

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

        var connection = new TileConnection(this, listener, socket);
        Epoll.Change(Libc.Add, connection.Descriptor, Libc.In);
        _connections[connection.Descriptor] = connection;
    });

    /// <summary>A connection's tile has come. Any thread may call it.</summary>
    public void Post(TileConnection connection) => Post(connection.Fetched);

    /// <summary>Closes a listener's idle connections, and its others when they have their answers. Any thread may call it.</summary>
    public void Drain(TileListener listener) => Post(() =>
    {
        foreach (var connection in _connections.Values.Where(connection => connection.Listener == listener && connection.IsIdle).ToList())
            connection.Close();
    });

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
        var swept = Environment.TickCount64;
        while (!_stopping)
        {
            var ready = Epoll.Wait(SweepMilliseconds);
            for (var i = 0; i < ready; i++)
            {
                if (Epoll.TryGet(i, out var descriptor, out var happening) && _connections.TryGetValue(descriptor, out var connection))
                    Ready(connection, happening);
            }

            // More clients wait than were answered. Where those run on this machine, as a proxy before the server does, they take their answers now, while
            // these are in the cache; where nobody does, nobody takes the turn.
            if (ready == Epoll.MostAtOnce)
                Thread.Yield();
            while (_posted.TryDequeue(out var action))
                Do(action);
            if (Environment.TickCount64 - swept >= SweepMilliseconds)
            {
                swept = Environment.TickCount64;
                Sweep(swept);
            }
        }

        foreach (var connection in _connections.Values.ToList())
            Do(connection.Close);
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

    private void Sweep(long now)
    {
        foreach (var connection in _connections.Values.Where(connection => now - connection.LastProgress > _idleLimit.TotalMilliseconds).ToList())
            connection.Close();
    }
}
