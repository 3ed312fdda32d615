using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Processings;
using Grid.Interfaces.Operations;
using Grid.Silo.Engine;
using Npgsql;
using Orleans;

namespace Grid.Frontend.Operations;

/// <summary>What the operators' page shows, as JSON: silos, services, what each process reports, running builds.</summary>
public sealed class OperationsView(NpgsqlDataSource database, IGrainFactory grains, IClusterView cluster, ServiceSwitches switches, TimeProvider time)
{
    private const int MostBuilds = 50;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>All of it, as it is now. Builds that do not answer within five seconds are shown without their progress.</summary>
    public async Task<JsonObject> ShowAsync(CancellationToken cancellation)
    {
        var members = cluster.MembersAsync(cancellation);
        var reports = grains.GetGrain<IOperationsGrain>(IOperationsGrain.Key).GetReportsAsync();
        var builds = BuildsAsync(cancellation);
        var now = time.GetUtcNow();
        return new JsonObject
        {
            ["engine"] = EngineHosting.Name,
            ["time"] = EntrepotJson.Date(now),
            ["dashboard"] = EngineHosting.CanCluster,
            ["services"] = switches.Show(),
            ["silos"] = Array(await members, member => new JsonObject { ["name"] = member.Name, ["address"] = member.Address, ["status"] = member.Status }),
            ["processes"] = Array(await reports, report => Show(report, now)),
            ["builds"] = Array(await builds, build => build),
        };
    }

    private static JsonObject Show(ProcessReport report, DateTimeOffset now) => new()
    {
        ["name"] = report.Name,
        ["role"] = report.Role,
        ["machine"] = report.Machine,
        ["process"] = report.ProcessId,
        ["version"] = report.Version,
        ["started"] = EntrepotJson.Date(report.Started),
        ["silent_s"] = Math.Max(0, (now - report.Time).TotalSeconds),
        ["cores"] = report.Cores,
        ["processor_share"] = report.ProcessorShare,
        ["memory_bytes"] = report.MemoryBytes,
        ["memory_limit_bytes"] = report.MemoryLimitBytes,
        ["grains"] = Array(report.Grains, grain => new JsonObject { ["type"] = grain.Type, ["count"] = grain.Count }),
        ["queues"] = Array(
            report.Queues, queue => new JsonObject { ["name"] = queue.Name, ["places"] = queue.Places, ["active"] = queue.Active, ["waiting"] = queue.Waiting }),
        ["caches"] = Array(report.Caches, cache => new JsonObject { ["name"] = cache.Name, ["bytes"] = cache.Bytes, ["limit_bytes"] = cache.LimitBytes }),
        ["tiles"] = report.Tiles is { } tiles
            ? new JsonObject { ["per_s"] = tiles.PerSecond, ["hit_ratio"] = tiles.HitRatio, ["p50_s"] = tiles.MedianSeconds, ["p99_s"] = tiles.SlowSeconds }
            : null,
        ["slabs_per_s"] = report.SlabsPerSecond,
        ["pixels_per_s"] = report.PixelsPerSecond,
        ["points_per_s"] = report.PointsPerSecond,
        ["errors"] = Array(report.Errors, error => new JsonObject
        {
            ["time"] = EntrepotJson.Date(error.Time), ["level"] = error.Level, ["source"] = error.Source, ["message"] = error.Message, ["count"] = error.Count,
        }),
    };

    private async Task<IReadOnlyList<JsonObject>> BuildsAsync(CancellationToken cancellation)
    {
        var running = new List<(Guid Id, Guid Processing, string Name, string Datastore, string Status)>();
        await using (var command = database.CreateCommand(
            $"""
            select x.id, x.processing_id, coalesce(x.output->'stored_data'->>'name', x.id::text), c.name, x.status
            from catalogue.execution_shown x join catalogue.datastore d on d.id = x.datastore join catalogue.community c on c.id = d.community
            where x.status in ('WAITING', 'PROGRESS') order by x.launch desc limit {MostBuilds}
            """))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                running.Add((reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetString(4)));
        }

        return await Task.WhenAll(running.Select(async build => Show(build, await ProgressAsync(build.Processing, build.Id))));
    }

    private async Task<JsonObject?> ProgressAsync(Guid processing, Guid execution)
    {
        try
        {
            return await ExecutionProgress.AskAsync(grains, processing, execution).WaitAsync(Limit, time);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return null;
        }
    }

    private static JsonObject Show((Guid Id, Guid Processing, string Name, string Datastore, string Status) build, JsonObject? progress)
    {
        var shown = new JsonObject
        {
            ["execution"] = build.Id.ToString(),
            ["name"] = build.Name,
            ["datastore"] = build.Datastore,
            ["status"] = build.Status,
            ["failures"] = (progress?["failures"] as JsonArray)?.Count ?? 0,
        };
        foreach (var member in (string[])["fraction", "part", "parts_done", "parts_total", "rate", "rate_unit", "time_left_s"])
            shown[member] = progress?[member]?.DeepClone();
        return shown;
    }

    private static JsonArray Array<T>(IReadOnlyList<T> items, Func<T, JsonObject> show) => [.. items.Select(item => (JsonNode)show(item))];
}
