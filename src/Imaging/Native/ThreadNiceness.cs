using System.Runtime.InteropServices;

namespace Grid.Imaging.Native;

/// <summary>Lets a thread give way to the others of its machine: Linux schedules each thread by a niceness of its own, which .NET's priorities do not set.</summary>
internal static partial class ThreadNiceness
{
    // PRIO_PROCESS with 0 is the calling thread (getpriority(2), "C library/kernel differences").
    private const int Process = 0;
    private const int Calling = 0;
    private const int Most = 19;

    /// <summary>
    /// Raises the calling thread's niceness; false where the system does not, which a thread may go on with as it is. It cannot be lowered again, so the
    /// thread must be the caller's own.
    /// </summary>
    public static bool TryAdd(int more)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        // -1 is an answer as well as a failure, which a call of this kind has none of.
        var niceness = GetPriority(Process, Calling);
        return SetPriority(Process, Calling, Math.Min(Most, niceness + more)) == 0;
    }

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, int who);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int niceness);
}
