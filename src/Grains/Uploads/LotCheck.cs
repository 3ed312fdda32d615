using Grid.Grains.Catalogue;

namespace Grid.Grains.Uploads;

/// <summary>
/// One check over one upload's files, as a fixed sequence of steps, so that a check that was stopped goes on at the step where it stood. Steps
/// of one check may run at the same time; a step that is run twice logs the same again and changes nothing.
/// </summary>
public abstract class LotCheck(ExecutionLog log)
{
    /// <summary>The check's name in log lines.</summary>
    protected ExecutionLog Log { get; } = log;

    /// <summary>How many steps there are.</summary>
    public abstract int Steps { get; }

    /// <summary>The first step that needs all those before it; steps before it may run at the same time.</summary>
    public virtual int ConcurrentSteps => Steps;

    /// <summary>Runs a step off the grain's scheduler; what it finds is logged. Returns the number of faults that make the check fail.</summary>
    public abstract Task<int> RunAsync(int step, CancellationToken cancellation);
}
