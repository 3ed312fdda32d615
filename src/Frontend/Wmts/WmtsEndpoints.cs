using Grid.Frontend.Layers;
using Grid.Frontend.Maps;
using Grid.Frontend.Tiles;
using Grid.Ogc;
using Grid.Ogc.Ows;
using Grid.Ogc.Wms;
using Grid.Ogc.Wmts;
using Orleans;

namespace Grid.Frontend.Wmts;

/// <summary>WMTS 1.0.0 at <c>/wmts</c>: key-value pairs by GET and POST, resource-oriented addresses below <c>/wmts/1.0.0</c>.</summary>
public sealed class WmtsEndpoints(
    PublishedLayers layers, IGrainFactory grains, TileResponse tiles, MapAnswers maps, ExternalInfoClient others, WmtsCapabilitiesCache capabilities, WmtsOptions options)
{
    // A form of key-value pairs is short; whatever is longer is no WMTS request.
    private const int MaxFormBytes = 64 * 1024;

    /// <summary>What this service says of a tile that is there and cannot be had now.</summary>
    public static OwsError Unavailable { get; } = new("NoApplicableCode", null, TileResponse.Unavailable, StatusCodes.Status503ServiceUnavailable);

    public static IEndpointRouteBuilder Map(IEndpointRouteBuilder routes)
    {
        var wmts = routes.ServiceProvider.GetRequiredService<WmtsEndpoints>();
        // The catch-all also takes /wmts itself, whose requests are key-value pairs.
        const string Pattern = "/wmts/{**path}";
        routes.MapMethods(Pattern, [HttpMethods.Get, HttpMethods.Head], wmts.GetAsync).ExcludeFromDescription();
        routes.MapMethods(Pattern, [HttpMethods.Post], wmts.FormAsync).ExcludeFromDescription();
        routes.MapMethods(Pattern, [HttpMethods.Options], Cors.PreflightAsync).ExcludeFromDescription();
        return routes;
    }

    /// <summary>Ends an answer that <see cref="TileResponse.TryWriteAsync"/> has begun: with this service's own error when there is no tile.</summary>
    public async Task AnswerTileAsync(HttpContext http, ValueTask<bool> written)
    {
        try
        {
            if (await written)
                return;
            http.Response.Headers.ContentDisposition = default;
            TileResponse.SetNotFound(http.Response);
            await ErrorAsync(http, OwsError.NoData);
        }
        catch (Exception failure) when (tiles.TrySetUnavailable(http, failure))
        {
            http.Response.Headers.ContentDisposition = default;
            await ErrorAsync(http, Unavailable);
        }
    }

    private Task KvpAsync(HttpContext http)
    {
        Cors.Allow(http.Response);
        return AnswerKvpAsync(http, layers.Current, KvpParameters.Parse(http.Request.QueryString.Value));
    }

    private async Task FormAsync(HttpContext http)
    {
        Cors.Allow(http.Response);
        var form = new char[MaxFormBytes + 1];
        using var reader = new StreamReader(http.Request.Body);
        var length = await reader.ReadBlockAsync(form, http.RequestAborted);
        if (length > MaxFormBytes)
        {
            await ErrorAsync(http, new OwsError("NoApplicableCode", null, $"The body is longer than {MaxFormBytes} characters.", StatusCodes.Status413PayloadTooLarge));
            return;
        }

        await AnswerKvpAsync(http, layers.Current, KvpParameters.Parse(http.Request.QueryString.Value, form.AsSpan(0, length)));
    }

    private Task GetAsync(HttpContext http) =>
        http.Request.Path.Value is { Length: > 6 } path ? RestAsync(http, path.AsSpan(6)) : KvpAsync(http);

    private Task RestAsync(HttpContext http, ReadOnlySpan<char> path)
    {
        Cors.Allow(http.Response);
        if (!WmtsRest.TryParse(path, layers.Current, out var request, out var error))
            return ErrorAsync(http, error);
        if (request is GetTile tile && KvpParameters.Parse(http.Request.QueryString.Value).TryGet("FILENAME", out var fileName))
            request = tile with { FileName = fileName };
        return AnswerAsync(http, layers.Current, request);
    }

    private Task AnswerKvpAsync(HttpContext http, LayerCatalogue current, KvpParameters parameters) =>
        WmtsKvp.TryParse(parameters, current, options.ErrorMode, out var request, out var error)
            ? AnswerAsync(http, current, request)
            : ErrorAsync(http, error);

    private Task AnswerAsync(HttpContext http, LayerCatalogue current, WmtsRequest request) => request switch
    {
        GetTile { Tile.Level: not PublishedLevel } drawn => DrawnAsync(http, drawn),
        GetTile tile => TileAsync(http, tile),
        GetFeatureInfo info => InfoAsync(http, info),
        GetCapabilities document => capabilities.WriteAsync(http, current, document),
        _ => throw new InvalidOperationException($"{request.GetType().Name} has no answer."),
    };

    private Task TileAsync(HttpContext http, GetTile tile)
    {
        if (tile.FileName is { } fileName)
            http.Response.Headers.ContentDisposition = MapAnswers.Attachment(fileName);
        return AnswerTileAsync(http, tiles.TryWriteAsync(http.Features, tile.Tile, tile.Style));
    }

    /// <summary>A tile of a set that the layer is not stored in.</summary>
    private async Task DrawnAsync(HttpContext http, GetTile tile)
    {
        if (await maps.TryWriteAsync(http, DrawnTile.OrderOf(tile.Tile, tile.Style), [(PublishedLayer)tile.Tile.Layer], tile.FileName) is { } failure)
            await ErrorAsync(http, new OwsError("NoApplicableCode", null, failure.Text, failure.HttpStatus));
    }

    private async Task InfoAsync(HttpContext http, GetFeatureInfo info)
    {
        var (layer, matrix) = ((PublishedLayer)info.Tile.Layer, info.Tile.Level.Matrix);
        if (layer.ExternalInfo is { } external)
        {
            var map = new GetMap
            {
                Layers = [], Crs = MapCrsRegister.Of(DrawnTile.SetOf(info.Tile)), Extent = matrix.TileExtent(info.Tile.Col, info.Tile.Row),
                Width = matrix.TileWidth, Height = matrix.TileHeight, MimeType = layer.MimeType,
            };
            if (await others.TryWriteAsync(http, layer, external, new GetMapInfo(map, [layer], info.I, info.J, info.InfoFormat)) is { } unknown)
                await ErrorAsync(http, new OwsError("NoApplicableCode", null, unknown.Text, unknown.HttpStatus));
            return;
        }

        IReadOnlyList<double> values;
        if (info.Tile.Level is PublishedLevel level)
        {
            try
            {
                values = await level.GetPixelAsync(grains, info.Tile.Col, info.Tile.Row, info.I, info.J);
            }
            catch (Exception failure) when (tiles.TrySetUnavailable(http, failure))
            {
                await ErrorAsync(http, Unavailable);
                return;
            }
        }
        else
        {
            var (found, failure) = await maps.ValuesAsync(http, DrawnTile.OrderOf(info.Tile, info.Style), info.I, info.J);
            if (failure is not null)
            {
                await ErrorAsync(http, new OwsError("NoApplicableCode", null, failure.Text, failure.HttpStatus));
                return;
            }

            values = found[0].Values;
        }

        var extent = matrix.TileExtent(info.Tile.Col, info.Tile.Row);
        var pixel = new PixelValues(
            layer.Name, DrawnTile.SetOf(info.Tile).Crs, extent.MinX + ((info.I + 0.5) * matrix.CellSize), extent.MaxY - ((info.J + 0.5) * matrix.CellSize),
            values, layer.Format.SampleFormat == "FLOAT32" ? 2 : 0);
        http.Response.ContentType = info.InfoFormat is "application/json" or "text/xml" ? info.InfoFormat : info.InfoFormat + "; charset=utf-8";
        await http.Response.Body.WriteAsync(FeatureInfo.Write(pixel, info.InfoFormat), http.RequestAborted);
    }

    private static async Task ErrorAsync(HttpContext http, OwsError error)
    {
        var body = OwsExceptionReport.Write(error);
        http.Response.StatusCode = error.HttpStatus;
        http.Response.ContentType = OwsExceptionReport.MimeType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
