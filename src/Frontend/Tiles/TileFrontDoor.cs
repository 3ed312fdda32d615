using Grid.Frontend.Layers;
using Grid.Frontend.Operations;
using Grid.Frontend.Tms;
using Grid.Frontend.Wmts;
using Grid.Ogc;
using Grid.Ogc.Tms;
using Grid.Ogc.Wmts;
using Microsoft.AspNetCore.Http.Features;

namespace Grid.Frontend.Tiles;

/// <summary>The tile that a request asks for, its style, and the service whose errors it expects.</summary>
public readonly record struct TileRequest(TileAddress Tile, LayerStyle Style, bool IsTms);

/// <summary>
/// Answers plain requests of tiles before the host makes a context, a log scope and a trace for them and asks every middleware and route: they
/// are most of a frontend's requests and need none of these. Whatever is not the GET or HEAD of a tile within the limits of its level goes the
/// usual way, where it means the same.
/// </summary>
public sealed class TileFrontDoor(PublishedLayers layers, TileResponse tiles, WmtsEndpoints wmts, TmsEndpoints tms)
{
    /// <summary>The layers that addresses are read against now.</summary>
    public LayerCatalogue Layers => layers.Current;

    /// <summary>The tile that an address asks for; false for all other addresses.</summary>
    /// <param name="path">Percent-decoded.</param>
    /// <param name="query">As it was sent, with or without the question mark.</param>
    public bool TryRead(ReadOnlySpan<char> path, ReadOnlySpan<char> query, out TileRequest request)
    {
        // A tile that is to be saved as a file has a header more.
        if (query.Contains("filename=", StringComparison.OrdinalIgnoreCase))
        {
            request = default;
            return false;
        }

        var services = layers.Services;
        if (path.StartsWith("/wmts", StringComparison.OrdinalIgnoreCase) && (services & PublicServices.Wmts) != 0)
        {
            TileAddress tile = default;
            var style = LayerStyle.Normal;
            var found = path.Length == 5 || (path.Length == 6 && path[5] == '/')
                ? WmtsTileQuery.Parse(query, layers.Current, out tile, out style) == TileQueryOutcome.Tile
                : path[5] == '/' && WmtsRest.TryParseTile(path[6..], layers.Current, out tile, out style);
            request = new TileRequest(tile, style, IsTms: false);
            return found;
        }

        if (path.StartsWith("/tms/", StringComparison.OrdinalIgnoreCase) && (services & PublicServices.Tms) != 0)
        {
            var asked = TmsPath.Parse(path[5..], layers.Current, TmsPath.StyleOf(query));
            request = new TileRequest(asked.Tile, asked.Style ?? LayerStyle.Normal, IsTms: true);
            return asked.Resource == TmsResource.Tile;
        }

        request = default;
        return false;
    }

    /// <summary>As above, of a request that has just come in.</summary>
    public bool TryRead(IFeatureCollection http, out TileRequest request)
    {
        var asked = http.GetRequiredFeature<IHttpRequestFeature>();
        if (HttpMethods.IsGet(asked.Method) || HttpMethods.IsHead(asked.Method))
            return TryRead(asked.Path, asked.QueryString, out request);
        request = default;
        return false;
    }

    /// <summary>Answers with the tile, or with what its service says when there is none or it cannot be read.</summary>
    public Task AnswerAsync(IFeatureCollection http, in TileRequest request)
    {
        Cors.Allow(http.GetRequiredFeature<IHttpResponseFeature>().Headers);
        var written = tiles.TryWriteAsync(http, request.Tile, request.Style);
        if (written is { IsCompletedSuccessfully: true, Result: true })
            return Task.CompletedTask;
        var context = new DefaultHttpContext(http);
        return request.IsTms ? tms.AnswerTileAsync(context, written) : wmts.AnswerTileAsync(context, written);
    }
}
