using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Grid.Ogc.Tests;

/// <summary>An HTTP server on a free port of the loopback that has no tile, and remembers which were asked for.</summary>
internal sealed class TileRequestRecorder : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _loop;

    public TileRequestRecorder()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Root = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Root + "/");
        _listener.Start();
        _loop = AnswerAsync();
    }

    public string Root { get; }

    /// <summary>Raw paths and queries, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _loop;
        _listener.Close();
    }

    private async Task AnswerAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Asked.Enqueue(context.Request.RawUrl ?? "");
            context.Response.StatusCode = 404;
            context.Response.Close();
        }
    }
}
