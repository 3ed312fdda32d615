using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace Grid.Frontend.Tiles;

/// <summary>The web server with <see cref="TileFrontDoor"/> between it and the host's application.</summary>
public sealed class TileServer(IServer server, TileFrontDoor door) : IServer
{
    public IFeatureCollection Features => server.Features;

    /// <summary>Puts the front door before the server that the services name.</summary>
    public static void AddTo(IServiceCollection services)
    {
        var server = services.Last(service => service.ServiceType == typeof(IServer));
        services.Remove(server);
        services.AddSingleton<IServer>(provider => new TileServer(
            (IServer)ActivatorUtilities.CreateInstance(provider, server.ImplementationType!), provider.GetRequiredService<TileFrontDoor>()));
    }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => server.StartAsync(new Application<TContext>(application, door), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    public void Dispose() => server.Dispose();

    /// <summary>A request: a tile's, or one that the host's application has a context of.</summary>
    private struct Context<TContext>
    {
        public IFeatureCollection? TileFeatures;
        public TileRequest Tile;
        public TContext? Other;
    }

    private sealed class Application<TContext>(IHttpApplication<TContext> host, TileFrontDoor door) : IHttpApplication<Context<TContext>>
        where TContext : notnull
    {
        public Context<TContext> CreateContext(IFeatureCollection contextFeatures) => door.TryRead(contextFeatures, out var tile)
            ? new Context<TContext> { TileFeatures = contextFeatures, Tile = tile }
            : new Context<TContext> { Other = host.CreateContext(contextFeatures) };

        public Task ProcessRequestAsync(Context<TContext> context) => context.TileFeatures is { } features
            ? door.AnswerAsync(features, context.Tile)
            : host.ProcessRequestAsync(context.Other!);

        public void DisposeContext(Context<TContext> context, Exception? exception)
        {
            if (context.TileFeatures is null)
                host.DisposeContext(context.Other!, exception);
        }
    }
}
