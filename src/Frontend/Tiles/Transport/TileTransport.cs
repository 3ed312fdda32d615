using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>
/// The transport of a frontend's TCP endpoints: plain HTTP/1.1 requests of tiles are answered on the threads that wait for them, straight from
/// memory to the socket; with its first other request a connection becomes the HTTP server's own. Linux only; other endpoints have other transports.
/// </summary>
internal sealed class TileTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector, IDisposable
{
    // A loop carries a core's worth of tiles; what a machine of more cores can send, its network cannot.
    private const int MostLoops = 8;

    private readonly SocketTransportOptions _options;
    private readonly KestrelServerLimits _limits;
    private readonly HashSet<int> _otherPorts;
    private readonly ILogger _log;
    private readonly Lazy<IReadOnlyList<TileLoop>> _loops;

    public TileTransport(
        TileFrontDoor door, HotTiles hot, TileSource source, ServingOptions serving, IConfiguration configuration,
        IOptions<KestrelServerOptions> kestrel, IOptions<SocketTransportOptions> options, TimeProvider time, ILogger<TileTransport> log)
    {
        (_options, _limits, _otherPorts, _log) = (options.Value, kestrel.Value.Limits, OtherPorts(configuration), log);
        var errors = new TileErrors(serving);
        _loops = new Lazy<IReadOnlyList<TileLoop>>(() =>
        {
            var count = Math.Min(Environment.ProcessorCount, MostLoops);
            // Where each processor has a loop, two of them on one would leave another idle. Where a loop could choose, or has a share of a processor, the system knows better.
            var processors = Processors.Allowed();
            return
            [
                .. Enumerable.Range(0, count).Select(i => new TileLoop(
                    $"tiles {i}", processors.Count == count ? processors[i] : null, door, hot, source, errors, serving, _limits.KeepAliveTimeout, time, log)),
            ];
        });
    }

    public bool CanBind(EndPoint endpoint) =>
        OperatingSystem.IsLinux() && _limits.MaxConcurrentConnections is null && endpoint is IPEndPoint address && !_otherPorts.Contains(address.Port);

    /// <summary>Ports whose settings say that they speak TLS, or no HTTP/1.1.</summary>
    private static HashSet<int> OtherPorts(IConfiguration configuration)
    {
        var encrypted = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase));
        var other = configuration.GetSection("Kestrel:Endpoints").GetChildren()
            .Where(endpoint => endpoint["Url"] is { } url
                && (url.StartsWith("https:", StringComparison.OrdinalIgnoreCase) || endpoint["Protocols"]?.Contains("Http1", StringComparison.OrdinalIgnoreCase) == false))
            .Select(endpoint => endpoint["Url"]!);
        var ports = (configuration["https_ports"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(port => int.TryParse(port, out var number) ? number : 0);
        return [.. encrypted.Concat(other).Select(url => BindingAddress.Parse(url).Port), .. ports];
    }

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket? socket = null;
        try
        {
            socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.Listen(_options.Backlog);
        }
        catch (SocketException failure)
        {
            socket?.Dispose();
            if (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
                throw new AddressInUseException(failure.Message, failure);
            throw;
        }

        var options = new SocketConnectionFactoryOptions
        {
            IOQueueCount = _options.IOQueueCount,
            WaitForDataBeforeAllocatingBuffer = _options.WaitForDataBeforeAllocatingBuffer,
            MaxReadBufferSize = _options.MaxReadBufferSize,
            MaxWriteBufferSize = _options.MaxWriteBufferSize,
            UnsafePreferInlineScheduling = _options.UnsafePreferInlineScheduling,
        };
        return new ValueTask<IConnectionListener>(new TileListener(socket, _loops.Value, options, _log));
    }

    public void Dispose()
    {
        if (!_loops.IsValueCreated)
            return;
        foreach (var loop in _loops.Value)
            loop.Dispose();
    }
}
