using System.Reflection;
using Orleans.Concurrency;

namespace Grid.Embedded.Calls;

/// <summary>One method of one grain interface: how its calls are scheduled.</summary>
internal sealed class GrainMethod
{
    /// <summary>A timer's tick that waits its turn as a call does.</summary>
    public static readonly GrainMethod TimerTick = new("timer tick");

    /// <summary>A timer's tick that interleaves with everything.</summary>
    public static readonly GrainMethod InterleavingTimerTick = new("timer tick") { AlwaysInterleave = true };

    private GrainMethod(string name) => Name = name;

    public GrainMethod(MethodInfo method)
    {
        Name = method.Name;
        Info = method;
        ReadOnly = method.IsDefined(typeof(ReadOnlyAttribute), false);
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute), false);
        OneWay = method.IsDefined(typeof(OneWayAttribute), false);
    }

    public string Name { get; }

    /// <summary>The interface's method; null for timers.</summary>
    public MethodInfo? Info { get; }

    public bool ReadOnly { get; }

    public bool AlwaysInterleave { get; private init; }

    public bool OneWay { get; }

    /// <summary>
    /// Calls that promise to get on with others may run on the caller's thread when the activation is idle, which spares them two
    /// changes of thread.
    /// </summary>
    public bool MayRunOnCaller => (ReadOnly || AlwaysInterleave) && !OneWay;
}
