using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grid.Grains.Catalogue;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Processings;
using Grid.Interfaces.Pyramids;
using Grid.Tiling;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Grid.Grains.Processings;

/// <summary>
/// What the timer does: one bounded look at the build four times a second, oftener at first. Every step can be repeated, so a step cut by a crash or a lost database is
/// simply taken again.
/// </summary>
public sealed partial class ProcessingExecutionGrain
{
    /// <summary>Looks in a row that may end in an unforeseen error before the execution fails; a lost database does not count.</summary>
    private const int MaxFailedLooks = 10;

    private int _failedLooks;

    private async Task FollowAsync(CancellationToken cancellation)
    {
        try
        {
            if (await store.FindAsync(EntityTable.ProcessingExecution, Id, cancellation) is not { } row || !ExecutionStatus.IsRunning(row.Status))
                await StopFollowingAsync();
            else if (row.Status == ExecutionStatus.Waiting)
                await BeginAsync(row);
            else
                await LookAsync(row);
            // Ending has disposed the timer, and with it cancelled its token.
            await Log.FlushAsync(CancellationToken.None);
            _failedLooks = 0;
            if (_followedSince != 0 && Stopwatch.GetElapsedTime(_followedSince) > FirstLooks)
            {
                _followedSince = 0;
                _following?.Change(FollowInterval, FollowInterval);
            }
        }
        catch (Exception lost) when (Outage.Is(lost) || lost is OperationCanceledException)
        {
            LogRetry(lost, Id);
        }
        catch (InconsistentStateException)
        {
            // A write whose answer was lost had been made all the same: the reminder brings back an activation that reads it.
            DeactivateOnIdle();
        }
        catch (EntrepotException refused)
        {
            await FailAsync(refused.Message);
        }
        catch (Exception wrong) when (++_failedLooks < MaxFailedLooks)
        {
            LogRetry(wrong, Id);
        }
        catch (Exception wrong)
        {
            await FailAsync(wrong.Message);
        }
    }

    /// <summary>Fixes the order and hands it to the build.</summary>
    private async Task BeginAsync(EntityRow row)
    {
        if (state.State.AbortedBy is not null && !state.State.HasOrder)
        {
            await EndAsync(row, ExecutionStatus.Aborted, "The execution was aborted before it began.");
            return;
        }

        // From the launch on uploads cannot be opened; one that was just before it may be.
        if (!state.State.HasOrder)
        {
            foreach (var upload in row.Uuids("input_uploads"))
                await inputs.RequireUsableAsync(ProcessingCatalogue.Find(row.Uuid("processing"))!, [await store.ReadAsync(EntityTable.Upload, upload)]);
        }

        var stored = await store.ReadAsync(EntityTable.StoredData, row.Uuid("output_stored_data"));
        var prefix = await GrainFactory.GetGrain<IStoredDataGrain>(stored.Id.ToString()).BeginVersionAsync(Id);
        if (!state.State.HasOrder && row.Uuid("processing") == ProcessingCatalogue.PyramidImport.Id)
        {
            state.State = state.State with { Import = new PyramidImportOrder(row.Uuids("input_uploads")[0], FileName(stored.Text("name")!, stored.Id), prefix) };
            await state.WriteStateAsync();
        }
        else if (!state.State.HasOrder && row.Uuid("processing") == ProcessingCatalogue.TerrainModel.Id)
        {
            state.State = state.State with { Terrain = await TerrainOrderAsync(row, prefix) };
            await state.WriteStateAsync();
        }
        else if (!state.State.HasOrder && row.Uuid("processing") == ProcessingCatalogue.PointCloudPyramid.Id)
        {
            state.State = state.State with { Cloud = await CloudOrderAsync(row, FileName(stored.Text("name")!, stored.Id), prefix) };
            await state.WriteStateAsync();
        }
        else if (!state.State.HasOrder)
        {
            var order = await OrderAsync(row, stored, prefix);
            state.State = state.State with { Order = order };
            await state.WriteStateAsync();
        }

        await StartWorkAsync();
        if (MakesTiles)
        {
            var terrain = state.State.Terrain!;
            Log.Info(FormattableString.Invariant($"Making the tiles of \"{stored.Text("name")}\" from {terrain.Sources.Count} files in {terrain.Crs}: {terrain.Model}, a pixel every {terrain.Step}."));
        }
        else if (state.State.Cloud is { } cloud)
        {
            Log.Info($"Building COPC files \"{stored.Text("name")}\" from {cloud.Sources.Count} files in {cloud.Crs}: {cloud.Outputs}.");
        }
        else if (state.State.Order is not { } begun)
        {
            Log.Info($"Copying the pyramid \"{stored.Text("name")}\".");
        }
        else
        {
            var from = begun.Sources.Count > 0 ? $" from {begun.Sources.Count} rasters in {begun.SourceCrs}" : "";
            var update = begun.Harvest is { } maps ? $" from maps of {new Uri(maps.Url).GetLeftPart(UriPartial.Path)}, levels {string.Join(", ", maps.Levels)}{(begun.Former is null ? "" : $", an update of the pyramid under {begun.Former.StoragePrefix}")}"
                : begun.Merged.Count == 1 ? $" as a copy of the pyramid under {begun.Merged[0].StoragePrefix}"
                : begun.Merged.Count > 0 ? $" from {begun.Merged.Count} pyramids, {begun.MergeMethod}"
                : begun.KeptLevel is not null ? $" from level {begun.KeptLevel} of the pyramid under {begun.Former!.StoragePrefix}"
                : begun.Former is null ? "" : $", an update of the pyramid under {begun.Former.StoragePrefix}{(begun.Area is null ? "" : " in an area")}";
            Log.Info($"Building the pyramid \"{stored.Text("name")}\"{from}{update}: {begun.TileMatrixSet}, {begun.Compression}, {begun.Interpolation}.");
        }

        await SetStatusAsync(ExecutionStatus.Progress, ("start", store.Now));
        LogStatus(Id, ExecutionStatus.Progress);
    }

    private async Task LookAsync(EntityRow row)
    {
        if (state.State.AbortedBy is not null)
            await AbortWorkAsync();
        if (MakesTiles)
        {
            await LookAtTerrainAsync(row);
            return;
        }

        if (state.State.Cloud is not null)
        {
            await LookAtCloudAsync(row);
            return;
        }

        var progress = state.State.Import is null ? await Build.GetProgressAsync() : await Import.GetProgressAsync();
        if (progress.Status == PyramidBuildStatus.Unknown)
        {
            if (state.State.AbortedBy is not null)
                await EndAsync(row, ExecutionStatus.Aborted, "The execution was aborted.");
            else
                await StartWorkAsync();
            return;
        }

        var isImport = state.State.Import is not null;
        var known = isImport ? BuildLog.FollowImport(Log, state.State, progress) : BuildLog.Follow(Log, state.State, progress);
        if (known != state.State)
        {
            state.State = known;
            await state.WriteStateAsync();
        }

        switch (progress.Status)
        {
            case PyramidBuildStatus.Finished:
                if (isImport)
                    BuildLog.FinishedImport(Log, progress);
                else
                    BuildLog.Finished(Log, progress);
                await StoredData(row).CompleteVersionAsync(Id, await WithTilesAsync(progress.Pyramid!), Initiator.Grid);
                await EndAsync(row, ExecutionStatus.Success, null);
                break;
            case PyramidBuildStatus.Failed:
                await EndAsync(row, ExecutionStatus.Failure,
                    progress.Failures.Count > 0 ? $"The {(isImport ? "copy" : "build")} failed: {progress.Failures[0]}" : "The build failed.");
                break;
            case PyramidBuildStatus.Aborted:
                await EndAsync(row, ExecutionStatus.Aborted, "The execution was aborted.");
                break;
        }
    }

    private async Task FailAsync(string reason)
    {
        try
        {
            if (await store.FindAsync(EntityTable.ProcessingExecution, Id) is { } row && ExecutionStatus.IsRunning(row.Status))
            {
                if (state.State.HasOrder)
                    await AbortWorkAsync();
                await EndAsync(row, ExecutionStatus.Failure, reason);
            }
        }
        catch (Exception lost) when (Outage.Is(lost))
        {
            LogRetry(lost, Id);
        }
    }

    /// <summary>Ends the execution; the log goes first, so that whoever sees the end can read why.</summary>
    private async Task EndAsync(EntityRow row, string status, string? reason)
    {
        if (reason is not null)
        {
            if (status == ExecutionStatus.Failure)
                Log.Error(reason);
            else
                Log.Warning(reason);
            await StoredData(row).AbandonVersionAsync(Id, reason, Initiator.Grid);
        }

        await DeleteTileCopiesAsync();
        await Log.FlushAsync();
        await SetStatusAsync(status, ("finish", store.Now));
        LogStatus(Id, status);
        await StopFollowingAsync();
    }

    private Task StartWorkAsync() => state.State switch
    {
        { Import: { } import } => Import.StartAsync(import),
        { Terrain: { } terrain, Order: null } => Terrain.StartAsync(terrain),
        { Cloud: { } cloud } => Cloud.StartAsync(cloud),
        _ => Build.StartAsync(state.State.Order!),
    };

    private Task AbortWorkAsync() => state.State switch
    {
        { Import: not null } => Import.AbortAsync(),
        { Terrain: not null, Order: null } => Terrain.AbortAsync(),
        { Cloud: not null } => Cloud.AbortAsync(),
        _ => Build.AbortAsync(),
    };

    private IPyramidImportGrain Import => GrainFactory.GetGrain<IPyramidImportGrain>(Id.ToString());

    private IPyramidBuildGrain Build => GrainFactory.GetGrain<IPyramidBuildGrain>(Id.ToString());

    private IStoredDataGrain StoredData(EntityRow row) => GrainFactory.GetGrain<IStoredDataGrain>(row.Uuid("output_stored_data").ToString());

    /// <param name="tiles">Rasters that the pyramid is made of instead of the uploads' own; null for those.</param>
    private async Task<PyramidBuildOrder> OrderAsync(EntityRow row, EntityRow stored, string prefix, IReadOnlyList<SourceRaster>? tiles = null)
    {
        var given = row.Doc["parameters"] as JsonObject ?? [];
        var uploads = row.Uuids("input_uploads");
        // The execution's status keeps the version that is found here from being removed.
        var pyramids = new List<FormerPyramid>();
        var processing = ProcessingCatalogue.Find(row.Uuid("processing"))!;
        foreach (var id in processing == ProcessingCatalogue.TerrainModel ? [] : row.Uuids("input_stored_data"))
            pyramids.Add(await FormerPyramid.ReadAsync(versions, id));
        var isMerge = processing.TakesOverPyramids;
        var values = pyramids.FirstOrDefault()?.Parameters() ?? RasterPyramidParameters.WithDefaults(processing, given);
        if (isMerge || processing == ProcessingCatalogue.RasterHead)
        {
            foreach (var name in isMerge ? (string[])["top", "bottom", "compression"] : ["top"])
                values[name] = given[name]?.DeepClone() ?? (isMerge && name != "compression" ? null : values[name]?.DeepClone());
        }

        var upload = uploads.Count > 0 ? await store.ReadAsync(EntityTable.Upload, uploads[0]) : null;
        var (rasters, groups) = tiles is not null ? (tiles, []) : upload is null ? ([], []) : await SourcesAsync(uploads, (string)values["tms"]!, given["bottoms"] as JsonArray);
        return new PyramidBuildOrder
        {
            Former = isMerge ? null : pyramids.FirstOrDefault()?.Order,
            Area = (string?)given["area"] ?? (string?)given["harvest_area"],
            Harvest = given["harvest_url"] is null ? null : Harvest(given, pyramids.Count > 0),
            KeptLevel = (string?)given["reference_level"],
            Merged = isMerge ? [.. pyramids.Select(pyramid => pyramid.Order)] : [],
            MergeMethod = (string?)given["merge_method"] ?? "TOP",
            Bbox = given["bbox"] is JsonArray box ? [.. box.Select(edge => edge!.Deserialize<double>())] : null,
            PyramidName = FileName(stored.Text("name")!, stored.Id),
            StoragePrefix = prefix,
            Sources = rasters,
            SourceGroups = groups,
            LeastSlabBytes = given["slab_limit"]?.Deserialize<long>() ?? 0,
            SourceCrs = state.State.Terrain?.Crs ?? upload?.Text("srs") ?? Crs.Parse(TileMatrixSets.Find((string)values["tms"]!)!.Crs).GdalName,
            TileMatrixSet = (string)values["tms"]!,
            BottomLevel = groups.Count > 0 ? groups[0].Level : (string?)values["bottom"],
            TopLevel = (string?)values["top"],
            Compression = (string)values["compression"]!,
            // Maps come on the level's own pixels.
            Interpolation = (string?)values["interpolation"] ?? "nn",
            SampleFormat = (string?)values["sampleformat"],
            Channels = values["samplesperpixel"]?.Deserialize<int>(),
            Nodata = values["nodata"] is JsonArray nodata ? [.. nodata.Select(value => value!.Deserialize<double>())] : null,
            NodataTolerance = values["tolerance"]?.Deserialize<double>() ?? 0,
            NodataAtEdges = values["touch_edges"]?.Deserialize<bool>() ?? false,
            Gamma = values["gamma"]?.Deserialize<double>() ?? 1,
            Mask = isMerge ? pyramids.Exists(pyramid => pyramid.HasMask) : (bool)values["mask"]!,
            TilesPerWidth = values["width"]!.Deserialize<int>(),
            TilesPerHeight = values["height"]!.Deserialize<int>(),
        };
    }

    /// <summary>The rasters of the uploads; with a level for each upload, the finest first.</summary>
    private async Task<(IReadOnlyList<SourceRaster> Rasters, IReadOnlyList<SourceGroup> Groups)> SourcesAsync(
        IReadOnlyList<Guid> uploads, string set, JsonArray? bottoms)
    {
        if (bottoms is null)
            return (await inputs.RastersAsync(uploads), []);
        var rasters = new List<SourceRaster>();
        var groups = new List<SourceGroup>();
        foreach (var (upload, level) in uploads.Zip(bottoms.Select(level => (string)level!)).OrderByDescending(group => TileMatrixSets.Find(set)!.PositionOf(group.Second)))
        {
            var its = await inputs.RastersAsync([upload]);
            rasters.AddRange(its);
            groups.Add(new SourceGroup(level, its.Count, (await store.ReadAsync(EntityTable.Upload, upload)).Text("srs")!));
        }

        return (rasters, groups);
    }

    private static HarvestOrder Harvest(JsonObject given, bool isUpdate)
    {
        var largest = given["harvest_dimensions"]?.Deserialize<int[]>() ?? [1024, 1024];
        return new HarvestOrder
        {
            Url = (string)given["harvest_url"]!,
            Layers = (string)given["harvest_layers"]!,
            Format = (string)given["harvest_format"]!,
            Extras = (string?)given["harvest_extras"] ?? "",
            Levels = [.. given["harvest_levels"]!.AsArray().Select(level => (string)level!)],
            MaxWidth = largest[0],
            MaxHeight = largest[1],
            MinBytes = given["harvest_threshold"]?.Deserialize<int>() ?? 0,
            KeepsNodata = isUpdate && given["nodata"] is null,
            IsClipped = isUpdate,
        };
    }

    /// <summary>The stored data's name with what file names and URLs bear everywhere; its id when little is left.</summary>
    private static string FileName(string name, Guid id)
    {
        var plain = Unsafe().Replace(name, "_").Trim('_', '.');
        return plain.Length is > 0 and <= 100 ? plain : id.ToString();
    }

    [GeneratedRegex("[^A-Za-z0-9_.-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Unsafe();
}
