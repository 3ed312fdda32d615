using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Interfaces.Operations;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Grid.Silo.Engine;
using Npgsql;
using Orleans;

namespace Grid.Frontend.Operations;

/// <summary>What the operators' page shows, as JSON: silos, what each process reports, running builds.</summary>
public sealed class OperationsView(NpgsqlDataSource database, IGrainFactory grains, IClusterView cluster, TimeProvider time)
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
        var running = new List<(Guid Id, string Name, string Datastore, string Status)>();
        await using (var command = database.CreateCommand(
            $"""
            select x.id, coalesce(x.output->'stored_data'->>'name', x.id::text), c.name, x.status
            from catalogue.execution_shown x join catalogue.datastore d on d.id = x.datastore join catalogue.community c on c.id = d.community
            where x.status in ('WAITING', 'PROGRESS') order by x.launch desc limit {MostBuilds}
            """))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
                running.Add((reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)));
        }

        return await Task.WhenAll(running.Select(async build =>
        {
            var (progress, cloud) = await ProgressAsync(build.Id);
            return Show(build, progress, cloud);
        }));
    }

    private async Task<(PyramidBuildProgress? Pyramid, PointCloudBuildProgress? Cloud)> ProgressAsync(Guid id)
    {
        try
        {
            var progress = await grains.GetGrain<IPyramidBuildGrain>(id.ToString()).GetProgressAsync().WaitAsync(Limit, time);
            if (progress.Status != PyramidBuildStatus.Unknown)
                return (progress, null);
            var cloud = await grains.GetGrain<IPointCloudBuildGrain>(id.ToString()).GetProgressAsync().WaitAsync(Limit, time);
            if (cloud.Status != PyramidBuildStatus.Unknown)
                return (null, cloud);
            return (await grains.GetGrain<IPyramidImportGrain>(id.ToString()).GetProgressAsync().WaitAsync(Limit, time), null);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return (null, null);
        }
    }

    private static JsonObject Show((Guid Id, string Name, string Datastore, string Status) build, PyramidBuildProgress? progress, PointCloudBuildProgress? cloud) => new()
    {
        ["execution"] = build.Id.ToString(),
        ["name"] = build.Name,
        ["datastore"] = build.Datastore,
        ["status"] = build.Status,
        ["fraction"] = progress?.Fraction ?? cloud?.Fraction,
        ["slabs_done"] = progress?.SlabsDone,
        ["slabs_total"] = progress?.SlabsTotal,
        ["mpix_per_s"] = progress?.MegapixelsPerSecond,
        ["input_pixels"] = progress?.InputPixels,
        ["time_left_s"] = (progress?.TimeLeft ?? cloud?.TimeLeft)?.TotalSeconds,
        ["failures"] = progress?.Failures.Count ?? cloud?.Failures.Count ?? 0,
    };

    private static JsonArray Array<T>(IReadOnlyList<T> items, Func<T, JsonObject> show) => [.. items.Select(item => (JsonNode)show(item))];
}
