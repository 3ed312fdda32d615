using System.Diagnostics;
using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Layers;
using Grid.Grains.Operations;
using Grid.Silo.Health;
using Grid.Silo.Telemetry;
using Grid.Storage;
using Grid.Tiling;

namespace Grid.Frontend.Operations;

/// <summary>
/// ROK4's addresses of health with this grid's meaning: <c>/healthcheck</c> and <c>/healthcheck/info</c> tell what capabilities tell as well;
/// <c>/healthcheck/threads</c> and <c>/healthcheck/depends</c>, which show the machine and its stores, are for administrators.
/// </summary>
internal static class HealthCheckEndpoints
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    public static void MapHealthChecks(this IEndpointRouteBuilder routes, RouteGroupBuilder administrators)
    {
        routes.MapGet("/healthcheck", (PublishedLayers layers) => Fresh(new JsonObject
        {
            ["version"] = typeof(HealthCheckEndpoints).Assembly.GetName().Version?.ToString(3),
            ["time"] = new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUnixTimeSeconds(),
            ["status"] = layers.Services == PublicServices.None ? "DISABLED" : "OK",
        })).ExcludeFromDescription();
        routes.MapGet("/healthcheck/info", (PublishedLayers layers) =>
        {
            var served = layers.Current.Layers.Concat(layers.Maps.Layers).ToList();
            return Fresh(new JsonObject
            {
                ["layers"] = Names(served.Select(layer => layer.Name)),
                ["tms"] = Names(TileMatrixSets.All.Select(set => set.Id)),
                ["styles"] = Names(served.SelectMany(layer => layer.Styles).Select(style => style.Id)),
            });
        }).ExcludeFromDescription();
        administrators.MapGet("/healthcheck/threads", (IEnumerable<WorkQueue> queues) => Fresh(new JsonObject
        {
            ["pid"] = Environment.ProcessId,
            ["number"] = ThreadPool.ThreadCount,
            ["pending"] = ThreadPool.PendingWorkItemCount,
            ["completed"] = ThreadPool.CompletedWorkItemCount,
            ["threads"] = new JsonArray([.. queues.Select(queue => (JsonNode)new JsonObject
            {
                ["name"] = queue.Name, ["places"] = queue.Places, ["active"] = queue.Active(), ["waiting"] = queue.Waiting(),
            })]),
        }));
        administrators.MapGet("/healthcheck/depends", async (Readiness readiness, IConfiguration configuration, IObjectStore store, CancellationToken cancellation) =>
        {
            var options = configuration.GetSection("Grid:Storage").Get<StorageOptions>() ?? new StorageOptions();
            var stores = await Task.WhenAll(options.Others.Select(other => (Name: (string?)other.Key, other.Value.Kind)).Prepend((null, options.Kind))
                .Select(one => ShowAsync(store, one.Name, one.Kind, cancellation)));
            return Fresh(new JsonObject
            {
                ["storage"] = new JsonObject
                {
                    ["file"] = stores.Count(one => one.Kind == StorageKind.Folder), ["s3"] = stores.Count(one => one.Kind == StorageKind.S3), ["swift"] = 0, ["ceph"] = 0,
                },
                ["stores"] = new JsonArray([.. stores.Select(one => (JsonNode)one.Shown)]),
                ["checks"] = new JsonObject((await readiness.AskAsync(cancellation)).Select(check => KeyValuePair.Create(check.Check.Name, (JsonNode?)check.Holds))),
            });
        });
    }

    private static async Task<(StorageKind Kind, JsonObject Shown)> ShowAsync(IObjectStore store, string? name, StorageKind kind, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        string? failure = null;
        try
        {
            await store.FindAsync(StoreGroup.PrefixOf(name) + "health/probe", cancellation).WaitAsync(Limit, cancellation);
        }
        catch (Exception failed) when (failed is StorageException or TimeoutException)
        {
            failure = failed.Message;
        }

        return (kind, new JsonObject
        {
            ["name"] = name ?? "main", ["type"] = kind == StorageKind.S3 ? "s3" : "file", ["answers"] = failure is null,
            ["milliseconds"] = Math.Round(Stopwatch.GetElapsedTime(begun).TotalMilliseconds, 1), ["failure"] = failure,
        });
    }

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Distinct().Order(StringComparer.Ordinal).Select(name => (JsonNode)name)];

    private static IResult Fresh(JsonObject document) => new FreshResult(EntrepotJson.Ok(document));

    /// <summary>An answer that nobody keeps: monitors want what is so now.</summary>
    private sealed class FreshResult(IResult inner) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.CacheControl = "no-store";
            return inner.ExecuteAsync(httpContext);
        }
    }
}
