using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A timer of one activation; disposing it ends it.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets when the callback runs next and how long after its end again; <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>How a grain timer runs.</summary>
public readonly struct GrainTimerCreationOptions()
{
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period)
        : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Time to the first tick; zero for at once.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>Time from the end of a tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for a single tick.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>True lets the callback interleave with calls and other timers; false (the default) makes it wait its turn as a call does.</summary>
    public bool Interleave { get; init; }

    /// <summary>True makes each tick count as a use, so that the activation does not become idle while the timer runs.</summary>
    public bool KeepAlive { get; init; }
}
