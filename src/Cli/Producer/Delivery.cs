using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Reports;

namespace Grid.Cli.Producer;

/// <summary>
/// A producer's whole job through the REST API alone: upload and checks, pyramid, publication. Each part takes what an earlier, interrupted run
/// left, so the same command can be given again after any failure.
/// </summary>
public sealed class Delivery(EntrepotClient api, IReport report, DeliveryOptions options)
{
    /// <summary>Delivers, builds and publishes the lot.</summary>
    /// <exception cref="DeliveryException">It cannot be done; the sentence says why and what to do.</exception>
    /// <exception cref="EntrepotException">The server refused a request.</exception>
    public async Task<DeliveryResult> RunAsync(CancellationToken cancellation)
    {
        var datastoreId = await DatastoreAsync(api, options.Datastore, cancellation);
        var datastore = await api.GetAsync($"datastores/{datastoreId}", cancellation);
        var upload = await new UploadStep(api, report, options, datastoreId).RunAsync(cancellation);
        var (storedData, figures) = await new BuildStep(api, report, options, datastoreId).RunAsync(upload, cancellation);
        var tiles = new PublishStep(api, report, options, datastore, PublishStep.Tiles);
        var shown = options.Update is null ? null : await tiles.SynchroniseAsync(storedData, cancellation);
        var offering = shown ?? await tiles.RunAsync(storedData, cancellation);
        var maps = new PublishStep(api, report, options, datastore, PublishStep.Maps);
        var wms = maps.IsOffered ? UrlOf(await maps.RunAsync(storedData, cancellation), "WMS") : null;
        return new DeliveryResult(
            datastoreId, upload, Json.Id(storedData), Json.Id(offering), (string)offering["layer_name"]!, UrlOf(offering, "WMTS") ?? new Uri(api.Server, "wmts"), wms, figures);
    }

    /// <summary>The address of an offering's service, without its query.</summary>
    private Uri? UrlOf(JsonObject offering, string type) => (offering["urls"] as JsonArray ?? [])
        .Where(url => (string?)url?["type"] == type)
        .Select(url => new Uri(new Uri(api.Server, (string)url!["url"]!).GetLeftPart(UriPartial.Path)))
        .FirstOrDefault();

    /// <summary>The id of the datastore of a name or id; of the first one where the account may deliver, build and publish when none is given.</summary>
    public static async Task<string> DatastoreAsync(EntrepotClient api, string? wanted, CancellationToken cancellation)
    {
        var user = await api.GetAsync("users/me", cancellation);
        var memberships = (user["communities_member"] as JsonArray ?? []).OfType<JsonObject>().Where(m => m["community"]?["datastore"] is not null).ToList();
        if (wanted is not null)
        {
            return memberships.Select(m => m["community"]!)
                .Where(c => wanted == Json.Text(c["datastore"]) || wanted == Json.Text(c["technical_name"]) || wanted == Json.Text(c["name"]))
                .Select(c => Json.Text(c["datastore"])!)
                .FirstOrDefault() ?? throw new DeliveryException($"this account has no datastore {wanted}: it has {Names(memberships)}");
        }

        string[] needed = ["UPLOAD", "PROCESSING", "BROADCAST"];
        return memberships
            .Where(m => needed.All(right => (m["rights"] as JsonArray ?? []).Any(given => (string?)given == right)))
            .Select(m => Json.Text(m["community"]!["datastore"])!)
            .FirstOrDefault() ?? throw new DeliveryException($"this account may not deliver, build and publish in any datastore: it has {Names(memberships)}");
    }

    private static string Names(List<JsonObject> memberships) =>
        memberships.Count == 0 ? "none" : string.Join(", ", memberships.Select(m => Json.Text(m["community"]!["technical_name"])));
}
