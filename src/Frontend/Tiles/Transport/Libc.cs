using System.Runtime.InteropServices;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>The calls of Linux that the tile transport makes; each returns -1 and leaves errno on failure.</summary>
internal static unsafe partial class Libc
{
    public const int Again = 11;
    public const int Interrupted = 4;

    // <sys/socket.h>: MSG_DONTWAIT, MSG_NOSIGNAL.
    public const int DontWait = 0x40;
    public const int NoSignal = 0x4000;

    // <sys/epoll.h>
    public const uint In = 1;
    public const uint Out = 4;
    public const uint Error = 8;
    public const uint HangUp = 16;
    public const uint PeerDone = 0x2000;

    /// <summary>What a connection waits for that reads: requests, and the end of them.</summary>
    public const uint Requests = In | PeerDone;
    public const int Add = 1;
    public const int Delete = 2;
    public const int Modify = 3;
    public const int CloseOnExec = 0x80000;
    public const int NonBlocking = 0x800;

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_ctl(int epoll, int operation, int descriptor, void* happening);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int epoll_wait(int epoll, void* happenings, int most, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int eventfd(uint value, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recv(int descriptor, void* buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendmsg(int descriptor, Message* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int descriptor, void* buffer, nint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int descriptor, void* buffer, nint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_getaffinity(int thread, nint size, void* mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sched_setaffinity(int thread, nint size, void* mask);

    // The C library has no functions of their own for sched_getattr(2) and sched_setattr(2).
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint syscall(nint number, nint thread, SchedulingAttributes* attributes, nint third, nint fourth);

    /// <summary><c>struct sched_attr</c> as of Linux 3.14; times in nanoseconds.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SchedulingAttributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Piece
    {
        public void* Start;
        public nint Length;
    }

    /// <summary><c>struct msghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public void* Name;
        public uint NameLength;
        public Piece* Pieces;
        public nint PieceCount;
        public void* Control;
        public nint ControlLength;
        public int Flags;
    }
}
