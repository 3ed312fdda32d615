using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Grains.Pyramids;

/// <summary>What a build tells of itself.</summary>
public sealed partial class PyramidBuildGrain
{
    private const int JournalPage = 4096;

    private long _toldPixels;

    public Task<PyramidBuildProgress> GetProgressAsync()
    {
        var fraction = Fraction();
        var seconds = Seconds;
        List<LevelProgress> levels = [.. State.Levels.Select(level => level with { SlabsDone = SlabsDone(level.Level) })];
        return Task.FromResult(new PyramidBuildProgress
        {
            Status = State.Status,
            SlabsDone = levels.Sum(level => level.SlabsDone),
            SlabsTotal = levels.Sum(level => level.SlabsTotal),
            Tiles = State.Tiles + _regions.All.Sum(region => region.Slabs.Sum(slab => (long)slab.Tiles)),
            InputPixels = State.InputPixels,
            Fraction = fraction,
            Started = State.Started,
            Ended = State.Ended,
            TimeLeft = TimeLeft(fraction),
            MegapixelsPerSecond = seconds > 0 ? State.InputPixels * fraction / seconds / 1e6 : 0,
            Levels = levels,
            Failures = [.. State.Failures],
            Pyramid = State.Pyramid,
            SlabsTakenOver = State.SlabsTakenOver,
        });
    }

    public Task<FinishedSlabs> GetFinishedSlabsAsync(int from)
    {
        var first = Math.Clamp(from, 0, _journal.Count);
        var slabs = _journal.GetRange(first, Math.Min(JournalPage, _journal.Count - first));
        return Task.FromResult(new FinishedSlabs(slabs, first + slabs.Count));
    }

    // Only what is gained since the last time counts: after a restart, what was not yet in the checkpoint counts again, for it is done again.
    protected override void TellOperators()
    {
        var pixels = Math.Max(_toldPixels, (long)(State.InputPixels * Fraction()));
        PyramidInstruments.BuildGoesOn(this.GetPrimaryKeyString(), State.Levels.Sum(level => level.SlabsTotal - SlabsDone(level.Level)), pixels - _toldPixels);
        _toldPixels = pixels;
    }

    private void TellOperatorsOfEnd()
    {
        var build = this.GetPrimaryKeyString();
        if (State.Status == PyramidBuildStatus.Finished)
            PyramidInstruments.BuildGoesOn(build, 0, State.InputPixels - _toldPixels);
        PyramidInstruments.BuildEnded(build, State.Status.ToString().ToLowerInvariant());
        using var trace = PyramidInstruments.Trace("build", build, State.Started ?? default);
        trace?.SetTag("grid.status", State.Status.ToString()).SetTag("grid.input_pixels", State.InputPixels);
    }

    private double Fraction()
    {
        if (State.Status == PyramidBuildStatus.Finished)
            return 1;
        if (State.Levels.Count == 0)
            return 0;
        // A slab made from rasters costs about ten times one made from the level below.
        var levels = State.Levels.Select((level, i) => (level.Level, Slabs: level.SlabsTotal, Cost: i == 0 ? 10.0 : 1.0)).ToList();
        var total = levels.Sum(level => level.Cost * level.Slabs);
        return total == 0 ? 0 : levels.Sum(level => level.Cost * SlabsDone(level.Level)) / total;
    }

    private long SlabsDone(string level) =>
        State.SlabsDone.GetValueOrDefault(level) + _regions.All.Sum(region => region.Slabs.LongCount(slab => slab.Level == level));

    // The rate of this activation only: what was done before a restart says nothing of the machine's speed now.
    private TimeSpan? TimeLeft(double fraction)
    {
        var gained = fraction - _fractionAtActivation;
        return Runs && _lot is not null && gained > 0.001 ? Driven * ((1 - fraction) / gained) : null;
    }
}
