using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Layers;
using Grid.Frontend.Maps;
using Grid.Frontend.Styles;
using Grid.Frontend.Tiles;
using Grid.Imaging.Maps;
using Grid.Interfaces.Maps;
using Grid.Ogc.Ows;
using Grid.Ogc.Wms;
using Grid.Ogc.Wmts;
using StyleDocuments = Grid.Grains.Catalogue.StyleDocuments;

namespace Grid.Frontend.Wms;

/// <summary>WMS 1.3.0 of rasters at <c>/wms-r</c> and <c>/wms-r/wms</c>: key-value pairs by GET and POST.</summary>
public sealed class WmsEndpoints(
    PublishedLayers layers, MapAnswers maps, WmsCapabilitiesCache capabilities, MapCrsRegister register, StyleDocuments styles,
    ExternalInfoClient others, PublicAddress address, WmsOptions options)
{
    // A form of key-value pairs is short; whatever is longer is no WMS request.
    private const int MaxFormBytes = 64 * 1024;

    public static IEndpointRouteBuilder Map(IEndpointRouteBuilder routes)
    {
        var wms = routes.ServiceProvider.GetRequiredService<WmsEndpoints>();
        foreach (var path in (string[])["/wms-r", "/wms-r/wms"])
        {
            routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], wms.GetAsync).ExcludeFromDescription();
            routes.MapMethods(path, [HttpMethods.Post], wms.FormAsync).ExcludeFromDescription();
            routes.MapMethods(path, [HttpMethods.Options], Cors.PreflightAsync).ExcludeFromDescription();
        }

        return routes;
    }

    private Task GetAsync(HttpContext http)
    {
        Cors.Allow(http.Response);
        return AnswerAsync(http, KvpParameters.Parse(http.Request.QueryString.Value));
    }

    private async Task FormAsync(HttpContext http)
    {
        Cors.Allow(http.Response);
        var form = new char[MaxFormBytes + 1];
        using var reader = new StreamReader(http.Request.Body);
        var length = await reader.ReadBlockAsync(form, http.RequestAborted);
        if (length > MaxFormBytes)
            await ErrorAsync(http, new WmsError("NoApplicableCode", null, $"The body is longer than {MaxFormBytes} characters.", StatusCodes.Status413PayloadTooLarge));
        else
            await AnswerAsync(http, KvpParameters.Parse(http.Request.QueryString.Value, form.AsSpan(0, length)));
    }

    private async Task AnswerAsync(HttpContext http, KvpParameters parameters)
    {
        // One catalogue from the request's beginning to its end.
        var current = layers.Maps;
        var limits = options.Limits;
        if (WmsKvp.TryParse(parameters, current, register, limits, out var request, out var error))
        {
            error = request switch
            {
                GetMap map => await MapAsync(http, map),
                GetMapInfo info => await InfoAsync(http, info),
                GetLegend legend => await LegendAsync(http, legend),
                _ => null,
            };
            if (request is GetWmsCapabilities document)
                await capabilities.WriteAsync(http, current, document);
        }

        if (error is null)
            return;
        if (WmsKvp.PictureOfError(parameters, limits, out var showsError) is { } picture)
            await PictureAsync(http, picture, showsError ? error.Text : null);
        else
            await ErrorAsync(http, error);
    }

    private async Task<WmsError?> MapAsync(HttpContext http, GetMap map)
    {
        var shown = map.Layers.Select(layer => (Layer: (PublishedLayer)layer.Layer, layer.Style)).Where(layer => IsShown(layer.Layer, map)).ToList();
        var order = OrderOf(map, [.. shown.Select(layer => layer.Layer.InMap(layer.Style))]);
        return ErrorOf(await maps.TryWriteAsync(http, order, shown.Select(layer => layer.Layer), map.FileName));
    }

    private async Task<WmsError?> InfoAsync(HttpContext http, GetMapInfo info)
    {
        var queried = info.Layers.Cast<PublishedLayer>().ToList();
        if (queried.Find(layer => layer.ExternalInfo is not null) is { } external)
        {
            return queried.Count == 1
                ? ErrorOf(await others.TryWriteAsync(http, external, external.ExternalInfo!, info))
                : new WmsError("InvalidParameterValue", "query_layers", $"Layer {external.Name} is known to another server: it is asked for alone.");
        }

        var order = OrderOf(info.Map, [.. queried.Select(layer => layer.InMap(layer.DefaultStyle))]);
        var (values, failure) = await maps.ValuesAsync(http, order, info.I, info.J);
        if (failure is not null)
            return ErrorOf(failure);
        var extent = info.Map.Extent;
        var x = extent.MinX + ((info.I + 0.5) * extent.Width / info.Map.Width);
        var y = extent.MaxY - ((info.J + 0.5) * extent.Height / info.Map.Height);
        var pixels = queried.Zip(values, (layer, value) =>
            new PixelValues(layer.Name, info.Map.Crs.Crs.Name, x, y, value.Values, layer.Format.SampleFormat == "FLOAT32" ? 2 : 0));
        http.Response.ContentType = info.InfoFormat is "application/json" or "text/xml" ? info.InfoFormat : info.InfoFormat + "; charset=utf-8";
        await http.Response.Body.WriteAsync(FeatureInfo.Write([.. pixels], info.InfoFormat), http.RequestAborted);
        return null;
    }

    /// <summary>The style's own picture is where its file says, if clients may be sent there; otherwise one of its palette is drawn.</summary>
    private async Task<WmsError?> LegendAsync(HttpContext http, GetLegend request)
    {
        var style = request.Style;
        if (style.Legend is { } legend && (AllowedAddresses.Have(options.LegendServers, legend.Url) || AllowedAddresses.Have([address.Of(http)], legend.Url)))
        {
            http.Response.Redirect(legend.Url);
            return null;
        }

        return style.Document is { } document && await LegendEndpoints.TryWriteAsync(http, document, styles, "public, max-age=600")
            ? null
            : new WmsError("StyleNotDefined", "style", $"Style {style.Id} of layer {request.Layer.Name} has no legend.", StatusCodes.Status404NotFound);
    }

    /// <summary>Outside the resolutions that its producer set, a layer is blank, which is no error (06-042 § 7.2.4.6.9).</summary>
    internal static bool IsShown(PublishedLayer layer, GetMap map)
    {
        // Bounds are told for pixels of 0.28 mm: those of a finer screen cover less ground at the same scale.
        var resolution = map.ScaleDenominator * 0.00028;
        return !(resolution < layer.FinestResolution * (1 - 1e-6)) && !(resolution > layer.CoarsestResolution * (1 + 1e-6));
    }

    internal static MapOrder OrderOf(GetMap map, IReadOnlyList<MapOrderLayer> drawn) => new()
    {
        Layers = drawn, Crs = map.Crs.GdalName, MinX = map.Extent.MinX, MinY = map.Extent.MinY, MaxX = map.Extent.MaxX, MaxY = map.Extent.MaxY,
        Width = map.Width, Height = map.Height, MimeType = map.MimeType, IsTransparent = map.IsTransparent, Background = map.Background,
        Quality = map.Quality ?? 75, Compression = map.Compression,
    };

    private static WmsError? ErrorOf(MapFailure? failure) => failure is null
        ? null
        : new WmsError(failure.IsRequest ? "InvalidFormat" : "NoApplicableCode", failure.IsRequest ? "format" : null, failure.Text, failure.HttpStatus);

    /// <summary>A picture in place of a map: clients that ask for it show it, so that its status is that of a map.</summary>
    private static async Task PictureAsync(HttpContext http, GetMap map, string? text)
    {
        var body = NoticePicture.Write(map.Width, map.Height, new MapBackground(map.IsTransparent, map.Background ?? 0xFFFFFF), MapImage.Find(map.MimeType)!.Value, text);
        http.Response.ContentType = map.MimeType;
        http.Response.ContentLength = body.Length;
        http.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private static async Task ErrorAsync(HttpContext http, WmsError error)
    {
        var body = WmsExceptionReport.Write(error);
        http.Response.StatusCode = error.HttpStatus;
        http.Response.ContentType = WmsExceptionReport.MimeType;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
