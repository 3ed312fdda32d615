namespace Grid.Storage.FileSystem;

/// <summary>
/// Times of change that never repeat in a process. The kernel stamps files by its tick (about 4 ms), too coarse to tell two puts of one length apart,
/// so each put gets its own time, to the 100 ns.
/// </summary>
internal static class ChangeClock
{
    private static long _last;

    /// <summary>The present time, or one tick after the last answer when that is later.</summary>
    public static DateTime Next()
    {
        while (true)
        {
            var last = Interlocked.Read(ref _last);
            var next = Math.Max(DateTime.UtcNow.Ticks, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
                return new DateTime(next, DateTimeKind.Utc);
        }
    }
}
