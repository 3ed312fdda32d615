using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>Accepts connections for the tile loops, and gives the HTTP server those that ask for something else.</summary>
internal sealed class TileListener : IConnectionListener
{
    private readonly Channel<ConnectionContext> _others = Channel.CreateUnbounded<ConnectionContext>();
    private readonly SocketConnectionContextFactory _factory;
    private readonly IReadOnlyList<TileLoop> _loops;
    private readonly Socket _socket;
    private readonly ILogger _log;
    private readonly Task _accepting;
    private volatile bool _unbound;

    public TileListener(Socket socket, IReadOnlyList<TileLoop> loops, SocketConnectionFactoryOptions options, ILogger log)
    {
        (_socket, _loops, _log) = (socket, loops, log);
        _factory = new SocketConnectionContextFactory(options, log);
        EndPoint = socket.LocalEndPoint!;
        _accepting = AcceptAllAsync();
    }

    public EndPoint EndPoint { get; }

    public bool IsUnbound => _unbound;

    /// <summary>The next connection that is not the loops' any more; null after <see cref="UnbindAsync"/>.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _others.Reader.WaitToReadAsync(cancellationToken) && _others.Reader.TryRead(out var connection) ? connection : null;

    /// <summary>Gives a socket to the HTTP server, with what was received of it and has no answer.</summary>
    public void HandOver(Socket socket, byte[] received)
    {
        if (_unbound)
        {
            socket.Dispose();
            return;
        }

        var connection = _factory.Create(socket);
        connection.Transport = new HeldPipe(received, connection.Transport);
        if (!_others.Writer.TryWrite(connection))
            socket.Dispose();
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (_unbound)
            return;
        _unbound = true;
        _socket.Dispose();
        await _accepting;
        foreach (var loop in _loops)
            loop.Drain(this);
        _others.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        _factory.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        for (var next = 0; ; next++)
        {
            Socket? socket = null;
            try
            {
                socket = await _socket.AcceptAsync();
                socket.NoDelay = true;
                _loops[next % _loops.Count].Add(this, socket);
            }
            catch (Exception) when (_unbound)
            {
                socket?.Dispose();
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // The client has gone already, or this process has no descriptor left: others may fare better in a moment.
                socket?.Dispose();
                _log.LogDebug(failure, "A connection could not be accepted");
                if (failure is not SocketException { SocketErrorCode: not (SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable) })
                    await Task.Delay(100);
            }
        }
    }
}
