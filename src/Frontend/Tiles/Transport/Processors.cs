namespace Grid.Frontend.Tiles.Transport;

/// <summary>The processors that threads run on (sched_setaffinity(2)).</summary>
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
}
