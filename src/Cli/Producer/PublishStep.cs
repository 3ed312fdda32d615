using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grid.Cli.Api;
using Grid.Cli.Reports;

namespace Grid.Cli.Producer;

/// <summary>The third part of a delivery: a configuration for the pyramid, and its offering on the datastore's open endpoint of its type.</summary>
/// <param name="serviceType"><see cref="Tiles"/>, <see cref="Maps"/> or <see cref="Downloads"/>.</param>
public sealed partial class PublishStep(EntrepotClient api, IReport report, DeliveryOptions options, JsonObject datastore, string serviceType)
{
    public const string Tiles = "WMTS-TMS";

    public const string Maps = "WMS-RASTER";

    public const string Downloads = "DOWNLOAD";

    private string Root => $"datastores/{Json.Id(datastore)}";

    /// <summary>Publishes the pyramid, or synchronises the offering that there is.</summary>
    /// <returns>The offering's entity, PUBLISHED.</returns>
    /// <exception cref="DeliveryException">The datastore has no open endpoint of the type, or the publication failed.</exception>
    public Task<JsonObject> RunAsync(JsonObject storedData, CancellationToken cancellation) => report.TrackAsync(serviceType == Maps ? "publication as WMS" : "publication", async _ =>
    {
        var layerName = LayerName(options.LayerName ?? options.Name, (string?)datastore["configuration_layer_name_prefix"]);
        var (configuration, changed) = await ConfigureAsync(layerName, storedData, cancellation);
        var id = Json.Id(configuration);
        var offers = await api.ListAsync($"{Root}/configurations/{id}/offerings", cancellation);
        JsonObject offering;
        if (offers.Count == 0)
        {
            offering = await api.PostAsync(
                $"{Root}/configurations/{id}/offerings", new JsonObject { ["endpoint"] = Endpoint(), ["open"] = true }, cancellation);
        }
        else
        {
            offering = (JsonObject)offers[0]!;
            if (changed)
                await api.PutAsync($"{Root}/offerings/{Json.Id(offering)}", null, cancellation);
        }

        return await PublishedAsync(offering, layerName, cancellation);
    });

    /// <summary>Lets every layer that shows the pyramid show its present version.</summary>
    /// <returns>The offering of one of them, of this step's type where there is one, PUBLISHED; null when no layer shows it.</returns>
    /// <exception cref="DeliveryException">A publication failed.</exception>
    public Task<JsonObject?> SynchroniseAsync(JsonObject storedData, CancellationToken cancellation) => report.TrackAsync("publication", async _ =>
    {
        JsonObject? shown = null;
        foreach (var offering in (await api.ListAsync($"{Root}/offerings?stored_data={Json.Id(storedData)}", cancellation)).OfType<JsonObject>())
        {
            await api.PutAsync($"{Root}/offerings/{Json.Id(offering)}", null, cancellation);
            var published = await PublishedAsync(offering, Json.Text(offering["layer_name"]) ?? "", cancellation);
            shown = shown is null || (string?)published["type"] == serviceType ? published : shown;
        }

        return shown;
    });

    /// <summary>A name that the API accepts for a layer (<c>^[A-Za-z_][A-Za-z0-9_.-]*$</c>), as near as possible to the given one.</summary>
    public static string LayerName(string name, string? prefix)
    {
        var safe = Forbidden().Replace(name.Trim(), "_");
        if (prefix is { Length: > 0 } && !safe.StartsWith(prefix, StringComparison.Ordinal))
            safe = prefix + safe;
        return safe.Length > 0 && (char.IsAsciiLetter(safe[0]) || safe[0] == '_') ? safe : "_" + safe;
    }

    private async Task<JsonObject> PublishedAsync(JsonObject offering, string layerName, CancellationToken cancellation)
    {
        while (true)
        {
            offering = await api.GetAsync($"{Root}/offerings/{Json.Id(offering)}", cancellation);
            switch ((string?)offering["status"])
            {
                case "PUBLISHED":
                    return offering;
                case "UNSTABLE":
                    throw new DeliveryException($"the publication of the layer {layerName} failed: its offering {Json.Id(offering)} is UNSTABLE");
            }

            await Task.Delay(options.PollInterval, cancellation);
        }
    }

    private async Task<(JsonObject Configuration, bool Changed)> ConfigureAsync(string layerName, JsonObject storedData, CancellationToken cancellation)
    {
        if (serviceType == Downloads)
            return await ConfigureUseAsync(layerName, new JsonObject { ["stored_data"] = Json.Id(storedData), ["sub_name"] = layerName }, cancellation);
        var levels = (storedData["type_infos"]?["levels"] as JsonArray ?? []).Select(level => Json.Text(level)!).ToList();
        if (levels.Count == 0)
            throw new DeliveryException($"the pyramid {Json.Id(storedData)} has no level to publish");
        levels = [.. levels.OrderBy(level => int.TryParse(level, out var number) ? number : int.MaxValue)];
        return await ConfigureUseAsync(
            layerName, new JsonObject { ["stored_data"] = Json.Id(storedData), ["bottom_level"] = levels[^1], ["top_level"] = levels[0] }, cancellation);
    }

    // Files are in no style; a command that names none leaves those that a layer has.
    private JsonArray? Styles => serviceType == Downloads || options.Styles.Count == 0 ? null : [.. options.Styles.Select(style => (JsonNode)style)];

    private async Task<(JsonObject Configuration, bool Changed)> ConfigureUseAsync(string layerName, JsonObject use, CancellationToken cancellation)
    {
        var known = await api.ListAsync($"{Root}/configurations?layer_name={Uri.EscapeDataString(layerName)}&type={serviceType}", cancellation);
        if (known.OfType<JsonObject>().FirstOrDefault(c => (string?)c["layer_name"] == layerName) is not { } found)
        {
            var infos = new JsonObject
            {
                ["title"] = options.Title ?? options.Name,
                ["abstract"] = options.Title ?? options.Name,
                ["keywords"] = new JsonArray(),
                ["used_data"] = new JsonArray(use),
            };
            if (Styles is { } wanted)
                infos["styles"] = wanted;
            var body = new JsonObject
            {
                ["type"] = serviceType,
                ["name"] = options.Name,
                ["layer_name"] = layerName,
                ["type_infos"] = infos,
            };
            return (await api.PostAsync($"{Root}/configurations", body, cancellation), true);
        }

        var configuration = await api.GetAsync($"{Root}/configurations/{Json.Id(found)}", cancellation);
        if (configuration["type_infos"] is JsonObject present && JsonNode.DeepEquals(present["used_data"], new JsonArray(use.DeepClone()))
            && (Styles is not { } styles || JsonNode.DeepEquals(present["styles"], styles)))
        {
            return (configuration, false);
        }

        configuration["type_infos"]!["used_data"] = new JsonArray(use.DeepClone());
        if (Styles is { } changed)
            configuration["type_infos"]!["styles"] = changed;
        await api.PutAsync($"{Root}/configurations/{Json.Id(found)}", configuration, cancellation);
        return (configuration, true);
    }

    /// <summary>Whether the datastore can publish the type at all.</summary>
    public bool IsOffered => OpenEndpoint() is not null;

    private string Endpoint() => OpenEndpoint()
        ?? throw new DeliveryException($"the datastore {Json.Text(datastore["name"])} has no open endpoint of type {serviceType}: ask its administrator for one");

    private string? OpenEndpoint() =>
        (datastore["endpoints"] as JsonArray ?? [])
            .Select(use => use?["endpoint"])
            .Where(endpoint => (string?)endpoint?["type"] == serviceType && (bool?)endpoint?["open"] == true)
            .Select(endpoint => Json.Id(endpoint!))
            .FirstOrDefault();

    [GeneratedRegex("[^A-Za-z0-9_.-]+")]
    private static partial Regex Forbidden();
}
