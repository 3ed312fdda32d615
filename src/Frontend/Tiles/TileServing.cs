using Grid.Frontend.Tiles.Transport;
using Grid.Grains.Operations;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Grid.Frontend.Tiles;

/// <summary>Puts the way of tiles into a host.</summary>
public static class TileServing
{
    /// <summary>Adds what serves tiles; throws, naming the setting, when an option of <c>Grid:Serving</c> makes no sense.</summary>
    public static void AddTileServing(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection("Grid:Serving").Get<ServingOptions>() ?? new ServingOptions();
        options.Validate();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<HotTiles>();
        builder.Services.AddSingleton<TileReads>();
        builder.Services.AddSingleton(services => new ByteCache("hot tiles", options.HotTileBytes, () => services.GetRequiredService<HotTiles>().Bytes));
        builder.Services.AddSingleton(services =>
        {
            var reads = services.GetRequiredService<TileReads>();
            return new WorkQueue("tile reads", options.TileReads, () => reads.Active, () => reads.Waiting);
        });
        builder.Services.AddSingleton<TileSource>();
        builder.Services.AddSingleton<TileResponse>();
        builder.Services.AddSingleton<TileFrontDoor>();
        builder.Services.Configure<SocketTransportOptions>(sockets =>
        {
            // Answers are written where requests are read, on the thread pool: no change of thread between them.
            sockets.UnsafePreferInlineScheduling = true;
            // Costs 4 KiB a connection that is idle, spares a call of the kernel a request.
            sockets.WaitForDataBeforeAllocatingBuffer = false;
        });
        // Host filtering is a middleware: where it has something to do, every request goes past it.
        if (builder.Configuration["AllowedHosts"] is not (null or "" or "*"))
            return;
        TileServer.AddTo(builder.Services);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IConnectionListenerFactory, TileTransport>();
    }
}
