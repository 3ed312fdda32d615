using System.Runtime.InteropServices;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>The processors that threads run on (sched_setaffinity(2)), and how long their turns are (sched(7)).</summary>
internal static unsafe class Processors
{
    // cpu_set_t of the C library.
    private const int MaskBytes = 128;

    /// <summary>Numbers of the processors that this process may run on; empty where the system does not tell.</summary>
    public static IReadOnlyList<int> Allowed()
    {
        var mask = stackalloc byte[MaskBytes];
        if (Libc.sched_getaffinity(0, MaskBytes, mask) < 0)
            return [];
        var allowed = new List<int>();
        for (var i = 0; i < MaskBytes * 8; i++)
        {
            if ((mask[i / 8] & (1 << (i % 8))) != 0)
                allowed.Add(i);
        }

        return allowed;
    }

    /// <summary>Keeps the calling thread to a processor; false where the system does not let it, which a thread may go on with as it is.</summary>
    public static bool Keep(int processor)
    {
        var mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        mask[processor / 8] = (byte)(1 << (processor % 8));
        return Libc.sched_setaffinity(0, MaskBytes, mask) == 0;
    }

    /// <summary>
    /// Asks for short turns for the calling thread: one that wants little of a processor at once is let in sooner when it wakes up. Its share stays the same.
    /// False where the system does not know such requests; Linux heeds them since 6.12, and takes them for nothing before.
    /// </summary>
    public static bool TakeShortTurns(TimeSpan turn)
    {
        const uint Normal = 0;
        (nint Get, nint Set) calls = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => (315, 314),
            Architecture.Arm64 => (275, 274),
            _ => default,
        };
        // Policy and niceness stay what whoever started the process has made them.
        Libc.SchedulingAttributes attributes = default;
        if (calls.Get == 0 || Libc.syscall(calls.Get, 0, &attributes, sizeof(Libc.SchedulingAttributes), 0) < 0 || attributes.Policy != Normal)
            return false;
        attributes.Size = (uint)sizeof(Libc.SchedulingAttributes);
        attributes.Runtime = (ulong)turn.TotalNanoseconds;
        return Libc.syscall(calls.Set, 0, &attributes, 0, 0) == 0;
    }
}
