using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Security;
using Grid.Frontend.Layers;
using Grid.Frontend.Tiles;
using Grid.Interfaces.Catalogue;
using Grid.Ogc.Ows;
using Grid.Ogc.Tms;
using Grid.Ogc.Wms;
using Npgsql;

namespace Grid.Frontend.Operations;

/// <summary>
/// Switches of whole services. An administrator's lies in <c>catalogue.service_switch</c>: it outlives restarts and holds for every frontend of the grid,
/// within a moment. A service that is off says so in its own words, with 503 and <c>Retry-After</c>, to all requests; what producers do goes on.
/// </summary>
public sealed class ServiceSwitches(NpgsqlDataSource database, PublishedLayers layers)
{
    private const string RetryAfterSeconds = "60";

    /// <summary>Answers requests of services that are off; comes before their routes.</summary>
    public static void Use(IApplicationBuilder app)
    {
        var layers = app.ApplicationServices.GetRequiredService<PublishedLayers>();
        app.Use((http, next) =>
        {
            var (service, title) = PublicServiceNames.Of(http.Request.Path);
            return (layers.Services & service) == service ? next(http) : AnswerAsync(http, service, $"The service {title} is switched off: try again later.");
        });
    }

    /// <summary>The services as <c>[{service, title, path, enabled, offered}]</c>: <c>offered</c> is what the settings say, <c>enabled</c> whether it answers.</summary>
    public JsonArray Show() => [.. PublicServiceNames.All.Select(one => (JsonNode)new JsonObject
    {
        ["service"] = one.Name,
        ["title"] = one.Title,
        ["path"] = one.Path,
        ["enabled"] = (layers.Services & one.Service) != 0,
        ["offered"] = (layers.Offered & one.Service) != 0,
    })];

    /// <summary>Switches a service, or all of them; in force in this process when it returns.</summary>
    /// <exception cref="ConflictException">It is to be on, and the settings do not offer it.</exception>
    public async Task SetAsync(PublicServices services, bool enabled, Caller caller, CancellationToken cancellation)
    {
        var named = PublicServiceNames.All.Where(one => (services & one.Service) != 0).ToList();
        if (enabled && services != PublicServices.All && named.Find(one => (layers.Offered & one.Service) == 0) is { Name: not null } refused)
            throw new ConflictException($"The settings do not offer the service {refused.Title}: set Grid:Services:{refused.Service} to true.");
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            insert into catalogue.service_switch (service, enabled, account) select unnest(@names), @enabled, @account
            on conflict (service) do update set enabled = @enabled, account = @account, changed = now()
            """, new { names = named.Select(one => one.Name).ToArray(), enabled, account = caller.Email }, cancellationToken: cancellation));
        await connection.ExecuteAsync(new CommandDefinition($"notify {PublishedLayers.Channel}", cancellationToken: cancellation));
        await layers.RefreshAsync(cancellation);
    }

    private static async Task AnswerAsync(HttpContext http, PublicServices service, string sentence)
    {
        var (type, body) = service switch
        {
            PublicServices.Wmts => (OwsExceptionReport.MimeType, OwsExceptionReport.Write(new OwsError("NoApplicableCode", null, sentence, StatusCodes.Status503ServiceUnavailable))),
            PublicServices.Tms => (TmsDocuments.XmlMimeType, TmsDocuments.Error(sentence)),
            PublicServices.Wms => (WmsExceptionReport.MimeType, WmsExceptionReport.Write(new WmsError("NoApplicableCode", null, sentence, StatusCodes.Status503ServiceUnavailable))),
            PublicServices.OgcApi => ("application/json", Encoding.UTF8.GetBytes(new JsonObject { ["code"] = "ServiceUnavailable", ["description"] = sentence }.ToJsonString())),
            _ => ("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(sentence)),
        };
        Cors.Allow(http.Response);
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        http.Response.Headers.RetryAfter = RetryAfterSeconds;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}

/// <summary>The routes of the switches, for administrators.</summary>
internal static class ServiceSwitchEndpoints
{
    public static void MapServiceSwitches(this RouteGroupBuilder administrators)
    {
        administrators.MapGet("/api/operations/services", (ServiceSwitches switches) => EntrepotJson.Ok(switches.Show()));
        administrators.MapPut("/api/operations/services/{service}", async (HttpContext http, string service, ServiceSwitches switches) =>
        {
            var named = PublicServiceNames.Find(service);
            if (named == PublicServices.None)
                throw new NotFoundException($"There is no service \"{service}\": there are {string.Join(", ", PublicServiceNames.All.Select(one => one.Name))}.");
            var body = await RequestBody.ReadAsync(http.Request);
            var enabled = body.Flag("enabled");
            if (enabled is null)
                body.Fault("enabled: true or false is expected.");
            body.ThrowIfInvalid();
            await switches.SetAsync(named, enabled!.Value, http.Caller(), http.RequestAborted);
            return EntrepotJson.Ok(switches.Show());
        });
        // ROK4's own addresses, of all services at once.
        administrators.MapPut("/admin/on", (HttpContext http, ServiceSwitches switches) => SetAllAsync(http, switches, true));
        administrators.MapPut("/admin/off", (HttpContext http, ServiceSwitches switches) => SetAllAsync(http, switches, false));
    }

    private static async Task<IResult> SetAllAsync(HttpContext http, ServiceSwitches switches, bool enabled)
    {
        await switches.SetAsync(PublicServices.All, enabled, http.Caller(), http.RequestAborted);
        return Results.NoContent();
    }
}
