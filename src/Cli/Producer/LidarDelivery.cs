using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Reports;

namespace Grid.Cli.Producer;

/// <summary>A producer's whole job with LiDAR tiles: upload and checks, COPC files, publication for download. It may be run again after any failure.</summary>
public sealed class LidarDelivery(EntrepotClient api, IReport report, DeliveryOptions options)
{
    /// <summary>Delivers, builds and publishes the tiles.</summary>
    /// <exception cref="DeliveryException">It cannot be done; the sentence says why and what to do.</exception>
    /// <exception cref="EntrepotException">The server refused a request.</exception>
    public async Task<LidarDeliveryResult> RunAsync(CancellationToken cancellation)
    {
        var datastoreId = await Delivery.DatastoreAsync(api, options.Datastore, cancellation);
        var datastore = await api.GetAsync($"datastores/{datastoreId}", cancellation);
        var upload = await new UploadStep(api, report, options, datastoreId).RunAsync(cancellation);
        var (storedData, figures) = await new BuildStep(api, report, options, datastoreId).RunAsync(upload, cancellation);
        var offering = await new PublishStep(api, report, options, datastore, PublishStep.Downloads).RunAsync(storedData, cancellation);
        var resource = (offering["urls"] as JsonArray ?? []).Select(url => (string?)url?["url"]).FirstOrDefault() ?? "telechargement/capabilities";
        var layer = (string)offering["layer_name"]!;
        var root = new Uri(new Uri(api.Server, resource).GetLeftPart(UriPartial.Path).Replace("/telechargement/resource/", "/chunk/telechargement/download/", StringComparison.Ordinal) + "/" + layer + "/");
        return new LidarDeliveryResult(
            upload, Json.Id(storedData), layer, new Uri(api.Server, resource), new Uri(root, "index.geojson"), root,
            Json.Long(storedData["type_infos"]?["points"]), Json.Long(storedData["size"]), figures?.Seconds);
    }
}

/// <summary>What a delivery of LiDAR tiles ended with.</summary>
/// <param name="Upload">Id of the upload.</param>
/// <param name="StoredData">Id of the COPC files.</param>
/// <param name="Resource">Name of the resource in the download service.</param>
/// <param name="Feed">Its feed.</param>
/// <param name="Index">Its dalles as GeoJSON.</param>
/// <param name="Files">Its files, by range.</param>
/// <param name="Points">Points delivered.</param>
/// <param name="SizeBytes">Bytes of all COPC files.</param>
/// <param name="BuildSeconds">From launch to end, as the server dates them; null when the files were there already.</param>
public sealed record LidarDeliveryResult(
    string Upload, string StoredData, string Resource, Uri Feed, Uri Index, Uri Files, long Points, long SizeBytes, double? BuildSeconds);
