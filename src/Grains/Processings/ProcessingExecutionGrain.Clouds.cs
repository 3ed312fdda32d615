using System.Text.Json.Nodes;
using Grid.Grains.Catalogue;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Processings;
using Grid.Interfaces.Pyramids;

namespace Grid.Grains.Processings;

/// <summary>What is special to executions that make COPC files.</summary>
public sealed partial class ProcessingExecutionGrain
{
    private IPointCloudBuildGrain Cloud => GrainFactory.GetGrain<IPointCloudBuildGrain>(Id.ToString());

    private async Task<PointCloudBuildOrder> CloudOrderAsync(EntityRow row, string name, string prefix)
    {
        var uploads = row.Uuids("input_uploads");
        var parameters = RasterPyramidParameters.WithDefaults(ProcessingCatalogue.PointCloudPyramid, row.Doc["parameters"] as JsonObject ?? []);
        return new PointCloudBuildOrder
        {
            Name = name,
            StoragePrefix = prefix,
            Sources = [.. (await inputs.CloudFilesAsync(uploads)).Select(file => new SourceCloud(file.Key, file.Name))],
            Crs = await CrsOfAsync(uploads[0]),
            Outputs = ((bool)parameters["tileset"]! ? PointCloudOutputs.Tilesets : PointCloudOutputs.None) | (string)parameters["files"]! switch
            {
                "BLOCK" => PointCloudOutputs.Block,
                "TILES" => PointCloudOutputs.Tiles,
                _ => PointCloudOutputs.Block | PointCloudOutputs.Tiles,
            },
        };
    }

    private async Task LookAtCloudAsync(EntityRow row)
    {
        var progress = await Cloud.GetProgressAsync();
        if (progress.Status == PyramidBuildStatus.Unknown)
        {
            if (state.State.AbortedBy is not null)
                await EndAsync(row, ExecutionStatus.Aborted, "The execution was aborted.");
            else
                await StartWorkAsync();
            return;
        }

        var known = BuildLog.FollowCloud(Log, state.State, progress);
        if (known != state.State)
        {
            state.State = known;
            await state.WriteStateAsync();
        }

        switch (progress.Status)
        {
            case PyramidBuildStatus.Finished:
                BuildLog.FinishedCloud(Log, progress);
                await StoredData(row).CompleteCloudAsync(Id, progress.Cloud!, Initiator.Grid);
                await EndAsync(row, ExecutionStatus.Success, null);
                break;
            case PyramidBuildStatus.Failed:
                await EndAsync(row, ExecutionStatus.Failure, progress.Failures.Count > 0 ? $"The build failed: {progress.Failures[0]}" : "The build failed.");
                break;
            case PyramidBuildStatus.Aborted:
                await EndAsync(row, ExecutionStatus.Aborted, "The execution was aborted.");
                break;
        }
    }
}
