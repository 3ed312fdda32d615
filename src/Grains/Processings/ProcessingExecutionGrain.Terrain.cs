using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Grains.Catalogue;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Processings;
using Grid.Interfaces.Pyramids;
using Microsoft.Extensions.Logging;

namespace Grid.Grains.Processings;

/// <summary>What is special to executions that make terrain models: their tiles come first, and a pyramid is made of them.</summary>
public sealed partial class ProcessingExecutionGrain
{
    private ITerrainBuildGrain Terrain => GrainFactory.GetGrain<ITerrainBuildGrain>(Id.ToString());

    /// <summary>True while the tiles are made, which the pyramid waits for.</summary>
    private bool MakesTiles => state.State.Terrain is not null && state.State.Order is null;

    private async Task<TerrainBuildOrder> TerrainOrderAsync(EntityRow row, string prefix)
    {
        var (uploads, storedData) = (row.Uuids("input_uploads"), row.Uuids("input_stored_data"));
        var stored = storedData.Count == 0 ? null : await ExecutionInputs.StoredCloudAsync(versions, storedData[0]);
        var values = RasterPyramidParameters.WithDefaults(ProcessingCatalogue.TerrainModel, row.Doc["parameters"] as JsonObject ?? []);
        return new TerrainBuildOrder
        {
            TilesPrefix = $"{prefix}/tiles",
            WorkPrefix = $"processings/{Id}",
            Sources = stored?.Files ?? await inputs.CloudFilesAsync(uploads),
            Crs = stored?.Crs ?? await CrsOfAsync(uploads[0]),
            AreStored = stored is not null,
            IsBlock = stored?.IsBlock ?? false,
            Model = (string)values["model"]!,
            Step = values["step"]!.Deserialize<double>(),
            LongestEdge = values["longest_edge"]!.Deserialize<double>(),
        };
    }

    private async Task<string> CrsOfAsync(Guid upload) =>
        (await store.ReadAsync(EntityTable.Upload, upload)).Text("srs") ?? throw new ConflictException($"The upload {upload} has no srs.");

    /// <summary>The pyramid that was made, with the tiles that it was made of where these are kept.</summary>
    private async Task<PyramidSummary> WithTilesAsync(PyramidSummary pyramid) => state.State.Terrain is { } terrain
        ? pyramid with { Tiles = await Task.Run(() => terrainTiles.DescribeAsync(terrain, CancellationToken.None)) }
        : pyramid;

    private async Task LookAtTerrainAsync(EntityRow row)
    {
        var progress = await Terrain.GetProgressAsync();
        if (progress.Status == PyramidBuildStatus.Unknown)
        {
            if (state.State.AbortedBy is not null)
                await EndAsync(row, ExecutionStatus.Aborted, "The execution was aborted.");
            else
                await StartWorkAsync();
            return;
        }

        await LogTilesAsync(progress);
        switch (progress.Status)
        {
            case PyramidBuildStatus.Finished:
                var stored = await store.ReadAsync(EntityTable.StoredData, row.Uuid("output_stored_data"));
                var prefix = state.State.Terrain!.TilesPrefix;
                var order = await OrderAsync(row, stored, prefix[..prefix.LastIndexOf('/')], progress.Tiles);
                Log.Info(string.Create(CultureInfo.InvariantCulture, $"Tiles done: {progress.Tiles.Count} of {progress.TilesTotal} have heights. Building the pyramid \"{stored.Text("name")}\" of them."));
                // Its progress is told from the beginning.
                state.State = state.State with { Order = order, PlanLogged = false, TenthsLogged = 0, FailuresLogged = 0 };
                await state.WriteStateAsync();
                await StartWorkAsync();
                break;
            case PyramidBuildStatus.Failed:
                await EndAsync(row, ExecutionStatus.Failure, progress.Failures.Count > 0 ? $"The model failed: {progress.Failures[0]}" : "The model failed.");
                break;
            case PyramidBuildStatus.Aborted:
                await EndAsync(row, ExecutionStatus.Aborted, "The execution was aborted.");
                break;
        }
    }

    private async Task LogTilesAsync(TerrainBuildProgress progress)
    {
        var known = state.State;
        if (!known.PlanLogged && progress.TilesTotal > 0)
        {
            Log.Info($"Plan: {progress.TilesTotal} tiles from {known.Terrain!.Sources.Count} files.");
            known = known with { PlanLogged = true };
        }

        foreach (var failure in progress.Failures.Skip(known.FailuresLogged))
        {
            Log.Error(failure);
            known = known with { FailuresLogged = known.FailuresLogged + 1 };
        }

        var tenths = progress.TilesTotal == 0 ? 0 : 10 * progress.TilesDone / progress.TilesTotal;
        if (tenths > known.TenthsLogged && progress.Status == PyramidBuildStatus.Running)
        {
            Log.Info(string.Create(CultureInfo.InvariantCulture, $"{tenths * 10} %: {progress.TilesDone} of {progress.TilesTotal} tiles, {progress.Points / 1e6:0.#} million points."));
            known = known with { TenthsLogged = tenths };
        }

        if (known != state.State)
        {
            state.State = known;
            await state.WriteStateAsync();
        }
    }

    // They are of no use any more; one that stays takes room, and does no harm.
    private async Task DeleteTileCopiesAsync()
    {
        if (state.State.Terrain is null)
            return;
        try
        {
            await Terrain.DeleteCopiesAsync();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            LogRetry(error, Id);
        }
    }
}
