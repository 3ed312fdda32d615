using System.Globalization;
using Grid.Grains.Catalogue;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;

namespace Grid.Grains.Processings;

/// <summary>Turns the progress of a build into the lines that a producer reads: the plan, every tenth of the work, each level, failures, the result.</summary>
public static class BuildLog
{
    /// <summary>Adds the lines for what is new since <paramref name="state"/> and returns the state with them counted.</summary>
    public static ProcessingExecutionState Follow(ExecutionLog log, ProcessingExecutionState state, PyramidBuildProgress progress)
    {
        if (!state.PlanLogged && progress.SlabsTotal > 0)
        {
            log.Info(string.Create(CultureInfo.InvariantCulture,
                $"Plan: {progress.SlabsTotal} slabs on {progress.Levels.Count} levels ({LevelRange(progress)}) from {progress.InputPixels / 1e6:0.#} million pixels."));
            state = state with { PlanLogged = true };
        }

        foreach (var level in progress.Levels.Where(one => one.SlabsTotal > 0 && one.SlabsDone >= one.SlabsTotal && !state.LevelsLogged.Contains(one.Level)))
        {
            log.Info($"Level {level.Level}: {level.SlabsTotal} slabs done.");
            state = state with { LevelsLogged = [.. state.LevelsLogged, level.Level] };
        }

        foreach (var failure in progress.Failures.Skip(state.FailuresLogged))
        {
            log.Error(failure);
            state = state with { FailuresLogged = state.FailuresLogged + 1 };
        }

        var tenths = (int)Math.Floor((Math.Clamp(progress.Fraction, 0, 1) * 10) + 1e-9);
        if (tenths > state.TenthsLogged && progress.Status == PyramidBuildStatus.Running)
        {
            var left = progress.TimeLeft is { } time ? $", about {Duration(time)} left" : "";
            log.Info(string.Create(CultureInfo.InvariantCulture,
                $"{tenths * 10} %: {progress.SlabsDone} of {progress.SlabsTotal} slabs, {progress.Tiles} tiles, {progress.MegapixelsPerSecond:0.0} Mpix/s{left}."));
            state = state with { TenthsLogged = tenths };
        }

        return state;
    }

    /// <summary>The same for an import, which copies slabs and computes nothing.</summary>
    public static ProcessingExecutionState FollowImport(ExecutionLog log, ProcessingExecutionState state, PyramidBuildProgress progress)
    {
        var tenths = (int)Math.Floor((Math.Clamp(progress.Fraction, 0, 1) * 10) + 1e-9);
        if (tenths <= state.TenthsLogged || progress.Status != PyramidBuildStatus.Running)
            return state;
        var left = progress.TimeLeft is { } time ? $", about {Duration(time)} left" : "";
        log.Info(string.Create(CultureInfo.InvariantCulture, $"{tenths * 10} %: {progress.SlabsDone} of {progress.SlabsTotal} slabs copied{left}."));
        return state with { TenthsLogged = tenths };
    }

    /// <summary>The same for a build of COPC files.</summary>
    public static ProcessingExecutionState FollowCloud(ExecutionLog log, ProcessingExecutionState state, PointCloudBuildProgress progress)
    {
        if (!state.PlanLogged && progress.FilesTotal > 0)
        {
            log.Info(string.Create(CultureInfo.InvariantCulture, $"Plan: {progress.FilesTotal} files of {progress.Points / 1e6:0.##} million points."));
            state = state with { PlanLogged = true };
        }

        foreach (var failure in progress.Failures.Skip(state.FailuresLogged))
        {
            log.Error(failure);
            state = state with { FailuresLogged = state.FailuresLogged + 1 };
        }

        var tenths = (int)Math.Floor((Math.Clamp(progress.Fraction, 0, 1) * 10) + 1e-9);
        if (tenths <= state.TenthsLogged || progress.Status != PyramidBuildStatus.Running)
            return state;
        var left = progress.TimeLeft is { } time ? $", about {Duration(time)} left" : "";
        log.Info(string.Create(CultureInfo.InvariantCulture,
            $"{tenths * 10} %: {progress.FilesDone} of {progress.FilesTotal} files, {progress.MegapointsPerSecond:0.00} million points/s{left}."));
        return state with { TenthsLogged = tenths };
    }

    /// <summary>Adds the line that tells the result of finished COPC files.</summary>
    public static void FinishedCloud(ExecutionLog log, PointCloudBuildProgress progress)
    {
        var cloud = progress.Cloud!;
        var time = progress.Ended - progress.Started is { } spent ? $" in {Duration(spent)}" : "";
        log.Info(string.Create(CultureInfo.InvariantCulture,
            $"Finished{time}: {cloud.Files.Count} COPC files of {cloud.Points} points, {cloud.SizeBytes / 1e6:0.#} MB, {progress.MegapointsPerSecond:0.00} million points/s."));
        foreach (var file in cloud.Files.Where(file => file.TilesetPrefix is not null))
            log.Info(string.Create(CultureInfo.InvariantCulture, $"3D Tiles of {file.Name}: {file.TilesetBytes / 1e6:0.#} MB; {file.TilesetHeights}."));
    }

    /// <summary>Adds the line that tells the result of a finished import.</summary>
    public static void FinishedImport(ExecutionLog log, PyramidBuildProgress progress)
    {
        var pyramid = progress.Pyramid!;
        var time = progress.Ended - progress.Started is { } spent ? $" in {Duration(spent)}" : "";
        log.Info(string.Create(CultureInfo.InvariantCulture,
            $"Done{time}: {progress.SlabsDone} slabs copied, {pyramid.SizeBytes / 1e6:0.#} MB; levels {pyramid.Levels[0]} to {pyramid.Levels[^1]} of {pyramid.TileMatrixSet}, {pyramid.Channels} channels {pyramid.SampleFormat}, {pyramid.Compression}."));
    }

    /// <summary>Adds the line that tells the result of a finished build.</summary>
    public static void Finished(ExecutionLog log, PyramidBuildProgress progress)
    {
        var pyramid = progress.Pyramid!;
        var time = progress.Ended - progress.Started is { } spent ? $" in {Duration(spent)}" : "";
        log.Info(string.Create(CultureInfo.InvariantCulture,
            $"Done{time}: {progress.Tiles} tiles in {progress.SlabsDone} slabs{(progress.SlabsTakenOver > 0 ? $" and {progress.SlabsTakenOver} slabs taken over" : "")}, {pyramid.SizeBytes / 1e6:0.#} MB; levels {pyramid.Levels[0]} to {pyramid.Levels[^1]} of {pyramid.TileMatrixSet}, {pyramid.Channels} channels {pyramid.SampleFormat}, {pyramid.Compression}."));
    }

    private static string LevelRange(PyramidBuildProgress progress) =>
        progress.Levels.Count == 0 ? "none" : $"{progress.Levels[0].Level} to {progress.Levels[^1].Level}";

    private static string Duration(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes:00} min")
        : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds:00} s"
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");
}
