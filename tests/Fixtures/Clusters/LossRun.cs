using System.Diagnostics;

namespace Grid.Fixtures.Clusters;

/// <summary>One build during which a silo is killed at a random moment.</summary>
/// <param name="Seed">Decides silo and moment.</param>
/// <param name="Victim">The silo that was killed.</param>
/// <param name="Present">Slabs that were there when it was killed.</param>
/// <param name="Slabs">Slabs that a whole pyramid has.</param>
/// <param name="Pause">From the loss to the next slab; null when all slabs were there already.</param>
/// <param name="Whole">From the launch to the end.</param>
/// <param name="Status">The execution's.</param>
/// <param name="IsIdentical">Whether the pyramid has the slabs and bytes of an undisturbed one.</param>
public sealed record LossRun(int Seed, string Victim, int Present, int Slabs, TimeSpan? Pause, TimeSpan Whole, string Status, bool IsIdentical)
{
    private const double BeforeSlabs = 0.15;
    private const double EarlyPart = 0.25;
    private const double LastShare = 0.9;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Runs it, and starts a silo in the place of the lost one afterwards.</summary>
    public static async Task<LossRun> OfAsync(RunningCluster running, int seed)
    {
        var random = new Random(seed);
        var name = $"loss-{seed}";
        var whole = running.Slabs(running.Undisturbed, "undisturbed");
        var since = Stopwatch.GetTimestamp();
        var (execution, storedData) = await running.LaunchAsync(name);
        // Before there is any slab, so that planning is hit too; else at a share of the slabs, which is within the build however long that takes.
        var share = random.NextDouble();
        if (share < BeforeSlabs)
            await Task.Delay(share / BeforeSlabs * EarlyPart * running.BuildTime);
        else
            await running.UntilAsync(() => Task.FromResult(running.CountSlabs(storedData, name) >= (share - BeforeSlabs) / (1 - BeforeSlabs) * LastShare * whole.Count), Limit, "slabs");
        var victim = running.Cluster.File.Silos[random.Next(running.Cluster.File.Silos.Count)].Name;
        await running.Cluster.KillAsync(RunningCluster.NumberOf(victim), default);
        var lost = Stopwatch.GetTimestamp();
        var present = running.CountSlabs(storedData, name);
        TimeSpan? pause = null;
        if (present < whole.Count)
        {
            await running.UntilAsync(() => Task.FromResult(running.CountSlabs(storedData, name) > present), Limit, "a slab after the loss");
            pause = Stopwatch.GetElapsedTime(lost);
        }

        var status = await running.EndOfAsync(execution);
        var took = Stopwatch.GetElapsedTime(since);
        var isIdentical = whole.SequenceEqual(running.Slabs(storedData, name));
        await running.Cluster.AddAsync(default);
        return new LossRun(seed, victim, present, whole.Count, pause, took, status, isIdentical);
    }

    public override string ToString() =>
        $"seed {Seed,10}: {Victim} killed at {Present,4} of {Slabs} slabs, next slab after {(Pause is { } pause ? $"{pause.TotalSeconds,4:0.0} s" : "    -")}, {Status} after {Whole.TotalSeconds,5:0.0} s, {(IsIdentical ? "identical" : "DIFFERENT")}";
}
