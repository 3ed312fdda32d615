using System.Net;
using System.Net.Sockets;
using System.Text;
using Grid.Frontend.Tiles.Transport;

namespace Grid.Frontend.Tests.Tiles;

/// <summary>What clients see when more ask than a thread can answer in time, and which of them are counted.</summary>
public sealed class OverloadTests : IDisposable
{
    private static readonly byte[] s_request = Encoding.ASCII.GetBytes($"GET {TileHost.Kvp(1, 1)} HTTP/1.1\r\nHost: localhost\r\n\r\n");

    private readonly List<Socket> _sockets = [];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_that_leaves_while_its_request_waits_is_no_longer_counted(bool isReset)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var epoll = new Epoll();
        for (var i = 0; i < 20; i++)
        {
            var client = await ConnectAsync((IPEndPoint)listener.LocalEndpoint);
            client.LingerState = new LingerOption(isReset, 0);
            var accepted = await listener.AcceptSocketAsync();
            _sockets.Add(accepted);
            epoll.Change(Libc.Add, (int)accepted.Handle, Libc.Requests);
            if (i >= 5)
                await client.SendAsync(s_request);
        }

        await CountsAsync(15);
        // Of those that wait, of those that do not, and one that has only said that it will ask no more.
        foreach (var client in new[] { 0, 6, 7, 8, 9, 19 })
            _sockets[client * 2].Dispose();
        _sockets[12 * 2].Shutdown(SocketShutdown.Send);
        await CountsAsync(9);
        // What waits is still told of.
        Assert.Equal(Epoll.MostAtOnce, epoll.Wait(0));

        async Task CountsAsync(int expected)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (epoll.CountRequests(1000) != expected)
                await Task.Delay(1, limit.Token);
        }
    }

    [Fact]
    public async Task Client_that_is_refused_is_told_when_to_come_back_and_may_use_its_connection_then()
    {
        await using var host = await TileHost.StartAsync(new HurriedTime(), ("Grid:Serving:RetryAfterSeconds", "7"));
        var tile = await host.Http.GetStringAsync(TileHost.Kvp(1, 1));
        for (var i = 0; i < 500; i++)
            await ConnectAsync(new IPEndPoint(IPAddress.Loopback, host.Address.Port));
        var (served, refused) = (0, 0);
        for (var round = 0; refused == 0; round++)
        {
            Assert.True(round < 1000, "Nobody was refused.");
            foreach (var socket in _sockets)
                await socket.SendAsync(s_request);
            foreach (var socket in _sockets)
            {
                var answer = await ReceiveAsync(socket);
                if (answer.StartsWith("HTTP/1.1 200 OK\r\n", StringComparison.Ordinal))
                {
                    Assert.EndsWith("\r\n\r\n" + tile, answer);
                    served++;
                    continue;
                }

                refused++;
                Assert.StartsWith("HTTP/1.1 503 Service Unavailable\r\n", answer);
                Assert.Contains("\r\nRetry-After: 7\r\n", answer);
                Assert.Contains("\r\nCache-Control: no-store\r\n", answer);
                Assert.Contains("\r\nAccess-Control-Allow-Origin: *\r\n", answer);
                Assert.DoesNotContain("Connection: close", answer);
                // What is asked for too early waits until it may be, and is answered like any other.
                await socket.SendAsync(s_request);
                while (!(await ReceiveAsync(socket)).StartsWith("HTTP/1.1 200 OK\r\n", StringComparison.Ordinal))
                    await socket.SendAsync(s_request);
            }
        }

        Assert.True(served > 0);
    }

    public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

    private async Task<Socket> ConnectAsync(IPEndPoint address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _sockets.Add(socket);
        await socket.ConnectAsync(address);
        return socket;
    }

    /// <summary>One answer, to its last byte.</summary>
    private static async Task<string> ReceiveAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var buffer = new byte[4096];
        for (var length = 0; ;)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
            Assert.NotEqual(0, received);
            length += received;
            var text = Encoding.ASCII.GetString(buffer, 0, length);
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is > 0 and var end
                && text.Split("Content-Length: ")[1] is var rest && length == end + 4 + int.Parse(rest[..rest.IndexOf('\r')]))
                return text;
        }
    }

    /// <summary>A clock on which a tenth of a second passes between any two looks: queues have stood for long at once, and rests are soon over.</summary>
    private sealed class HurriedTime : TimeProvider
    {
        private long _milliseconds;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Interlocked.Add(ref _milliseconds, 100);
    }
}
