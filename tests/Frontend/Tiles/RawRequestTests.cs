using System.Net.Sockets;
using System.Text;
using Grid.Interfaces.Tiles;

namespace Grid.Frontend.Tests.Tiles;

/// <summary>Requests byte by byte: those that are answered before the HTTP server sees them, and those that must not be.</summary>
public sealed class RawRequestTests
{
    private const string Host = "Host: localhost\r\n";

    private static readonly string s_tile = $"GET {TileHost.Kvp(1, 1)} HTTP/1.1\r\n{Host}\r\n";

    // Answered by the HTTP server, which then closes: whatever came before has its answer by then.
    private static readonly string s_last = $"GET {TileHost.Tms(2, 2)} HTTP/1.1\r\n{Host}Connection: close\r\n\r\n";

    public static TheoryData<string> Streams => new(
        s_tile + s_last,
        s_tile + s_tile + s_tile + s_last,
        s_tile.Replace("GET", "HEAD") + s_tile + s_last,
        $"GET /tms/1.0.0/a HTTP/1.1\r\n{Host}\r\n" + s_tile + s_last,
        s_tile + $"POST /wmts HTTP/1.1\r\n{Host}Content-Length: 5\r\n\r\nx=y&z" + s_tile + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nConnection: Keep-Alive\r\nAccept: image/*;q=0.8\r\nX-Empty:\r\n\r\n") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nIf-None-Match: \"1-12-1-1\"\r\n\r\n") + s_tile + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nIf-None-Match: W/\"1-12-1-1\"\r\n\r\n").Replace("GET", "HEAD") + s_tile + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nIf-None-Match: \"1-12-1-2\"\r\n\r\n") + s_tile + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nIf-None-Match: \"x\", \"1-12-1-1\"\r\n\r\n") + s_tile + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nIf-None-Match: \"x\"\r\nIf-None-Match: \"1-12-1-1\"\r\n\r\n") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nIf-None-Match: *\r\n\r\n") + s_tile + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nIf-None-Match: 1-12-1-1\r\n\r\n") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nIf-Modified-Since: Sat, 21 Nov 2026 13:25:35 GMT\r\nRange: bytes=0-3\r\n\r\n") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nContent-Length: 3\r\n\r\nabc") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx") + s_last,
        s_tile.Replace("\r\n\r\n", $"\r\nX-Long: {new string('x', 6000)}\r\n\r\n") + s_tile + s_last,
        s_tile.Replace("HTTP/1.1", "HTTP/1.0"),
        s_tile.Replace("HTTP/1.1", "HTTP/1.2") + s_last,
        s_tile.Replace(Host, "") + s_last,
        s_tile.Replace(Host, Host + Host) + s_last,
        s_tile.Replace(Host, "Host: a b\r\n") + s_last,
        s_tile.Replace("GET /", "GET http://localhost/") + s_last,
        s_tile.Replace("GET ", "get ") + s_last,
        s_tile.Replace("GET ", "GET  ") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nNoColon\r\n\r\n") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nBlank : x\r\n\r\n") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nA: b\r\n folded\r\n\r\n") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nA: b\0c\r\n\r\n") + s_last,
        s_tile.Replace("\r\n\r\n", "\r\nA: b\rc\r\n\r\n") + s_last,
        s_tile.Replace("\r\n", "\n") + s_last,
        s_tile.Replace("LAYER=a", "LAYER=%61") + s_last,
        s_tile.Replace("/wmts", "/wm%74s") + s_last,
        s_tile.Replace("/wmts", "/x/../wmts") + s_last,
        s_tile.Replace("&STYLE", "#&STYLE") + s_last,
        s_tile.Replace("LAYER=a", "LAYER=é") + s_last,
        s_tile.Replace("TILEROW=1", "TILEROW=0").Replace("TILECOL=1", "TILECOL=0") + s_tile + s_last,
        "\r\n" + s_tile + s_last,
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Streams_of_requests_are_answered_as_by_the_http_server_alone(string requests)
    {
        await using var direct = await TileHost.StartAsync();
        await using var usual = await TileHost.StartAsync(("AllowedHosts", "localhost"));
        foreach (var host in new[] { direct, usual })
            host.Slabs.Answer = (key, tile) => new(tile == 0 ? CachedTile.Missing : SlabStandIn.TileOf(key, tile));
        var bytes = Encoding.Latin1.GetBytes(requests);
        var expected = Parsed(await SendAsync(usual, bytes, bytes.Length), requests);
        // The second time, the tiles are in memory.
        Assert.Equal(expected, Parsed(await SendAsync(direct, bytes, bytes.Length), requests));
        Assert.Equal(expected, Parsed(await SendAsync(direct, bytes, bytes.Length), requests));
        // A server that refuses the first bytes of many resets the connection, and its refusal may be lost.
        if (!expected.Any(answer => answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal)))
            Assert.Equal(expected, Parsed(await SendAsync(direct, bytes, 37), requests));
    }

    [Fact]
    public async Task Client_that_reads_slowly_gets_every_byte()
    {
        await using var host = await TileHost.StartAsync();
        var large = new byte[12_000_000];
        new Random(1).NextBytes(large);
        host.Slabs.Answer = (_, _) => new(new CachedTile(large));
        for (var round = 0; round < 2; round++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
            await socket.ConnectAsync(host.Address.Host, host.Address.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(s_tile + s_last));
            // Others are served while this one does not read.
            Assert.Equal(large, await host.Http.GetByteArrayAsync(TileHost.Kvp(7, 7)));
            var answers = Parsed(await ReadAsync(socket), s_tile + s_last);
            Assert.Equal(2, answers.Count);
            Assert.All(answers, answer => Assert.EndsWith(Encoding.Latin1.GetString(large), answer));
        }
    }

    [Fact]
    public async Task Clients_that_leave_while_their_tile_is_fetched_do_no_harm()
    {
        await using var host = await TileHost.StartAsync();
        var read = new TaskCompletionSource();
        host.Slabs.Answer = async (key, tile) =>
        {
            await read.Task;
            return SlabStandIn.TileOf(key, tile);
        };
        for (var i = 0; i < 50; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(i % 2 == 0, 0) };
            await socket.ConnectAsync(host.Address.Host, host.Address.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes(s_tile.Replace("TILEROW=1", $"TILEROW={i}")));
        }

        read.SetResult();
        Assert.Equal("pyramids/1/p/DATA/12/00/00/00.tif 17", await host.Http.GetStringAsync(TileHost.Kvp(1, 1)));
    }

    [Fact]
    public async Task Thousands_of_connections_are_served_each_and_end_with_the_server()
    {
        var sockets = new List<Socket>();
        await using (var host = await TileHost.StartAsync(("Grid:Serving:TileQueueMilliseconds", "10000")))
        {
            var expected = await host.Http.GetStringAsync(TileHost.Kvp(1, 1));
            for (var i = 0; i < 2000; i++)
            {
                sockets.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await sockets[i].ConnectAsync(host.Address.Host, host.Address.Port);
            }

            var request = Encoding.ASCII.GetBytes(s_tile);
            foreach (var socket in sockets)
                await socket.SendAsync(request);
            var buffer = new byte[4096];
            foreach (var socket in sockets)
            {
                var length = await socket.ReceiveAsync(buffer);
                Assert.EndsWith(expected, Encoding.ASCII.GetString(buffer, 0, length));
            }
        }

        foreach (var socket in sockets)
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]));
            socket.Dispose();
        }
    }

    private static async Task<byte[]> SendAsync(TileHost host, byte[] requests, int chunk)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(host.Address.Host, host.Address.Port);
        try
        {
            for (var i = 0; i < requests.Length; i += chunk)
                await socket.SendAsync(requests.AsMemory(i, Math.Min(chunk, requests.Length - i)));
        }
        catch (SocketException)
        {
            // Refused before it was all said.
        }

        return await ReadAsync(socket);
    }

    private static async Task<byte[]> ReadAsync(Socket socket)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var all = new MemoryStream();
        var buffer = new byte[65536];
        try
        {
            while (await socket.ReceiveAsync(buffer, limit.Token) is > 0 and var length)
                all.Write(buffer, 0, length);
        }
        catch (SocketException)
        {
            // A server that closes with something unread resets the connection.
        }

        return all.ToArray();
    }

    /// <summary>The answers of a stream, each with its headers in order of names and without its date.</summary>
    private static List<string> Parsed(byte[] stream, string requests)
    {
        var answers = new List<string>();
        var heads = requests.StartsWith("HEAD", StringComparison.Ordinal);
        for (var rest = Encoding.Latin1.GetString(stream); rest.Length > 0;)
        {
            var end = rest.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                answers.Add(rest);
                break;
            }

            var lines = rest[..end].Split("\r\n");
            var headers = lines.Skip(1).Where(line => !line.StartsWith("Date:", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
            var length = headers.Find(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal)) is { } header && !(heads && answers.Count == 0)
                ? int.Parse(header[16..])
                : 0;
            answers.Add($"{lines[0]}\n{string.Join('\n', headers)}\n\n{rest.Substring(end + 4, Math.Min(length, rest.Length - end - 4))}");
            rest = rest[Math.Min(rest.Length, end + 4 + length)..];
        }

        return answers;
    }
}
