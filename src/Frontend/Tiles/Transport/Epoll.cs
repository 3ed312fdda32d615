using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>A set of sockets of which one thread waits until some are ready, level-triggered, or until another thread wakes it.</summary>
internal sealed unsafe class Epoll : SafeHandleZeroOrMinusOneIsInvalid
{
    // The kernel packs the structure on x86-64 alone (eventpoll.h).
    private static readonly int s_dataAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int s_size = s_dataAt + 8;

    private readonly byte[] _happenings = GC.AllocateArray<byte>(MostAtOnce * s_size, pinned: true);
    private readonly int _wake;
    private byte[] _counted = [];

    /// <summary>Sockets told of at once: as many answers are under way as the caches of a core hold.</summary>
    public const int MostAtOnce = 16;

    public Epoll()
        : base(ownsHandle: true)
    {
        SetHandle(Checked(Libc.epoll_create1(Libc.CloseOnExec)));
        _wake = Checked(Libc.eventfd(0, Libc.CloseOnExec | Libc.NonBlocking));
        Change(Libc.Add, _wake, Libc.In);
    }

    /// <summary>Adds a socket, or changes what is waited for.</summary>
    /// <param name="operation"><see cref="Libc.Add"/>, <see cref="Libc.Modify"/> or <see cref="Libc.Delete"/>.</param>
    public void Change(int operation, int descriptor, uint happening)
    {
        var data = stackalloc byte[16];
        Unsafe.WriteUnaligned(data, happening);
        Unsafe.WriteUnaligned(data + s_dataAt, (ulong)descriptor);
        Checked(Libc.epoll_ctl((int)handle, operation, descriptor, data));
    }

    /// <summary>Waits; returns how many sockets are ready, 0 when the time is over.</summary>
    public int Wait(int milliseconds)
    {
        fixed (byte* happenings = _happenings)
        {
            var count = Libc.epoll_wait((int)handle, happenings, MostAtOnce, milliseconds);
            return count < 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted ? 0 : Checked(count);
        }
    }

    /// <summary>
    /// How many sockets have a request now, of <paramref name="most"/> that are ready at most; what <see cref="Wait"/> tells next stays the same. Clients that
    /// have left wait for nothing.
    /// </summary>
    public int CountRequests(int most)
    {
        if (_counted.Length < most * s_size)
            _counted = GC.AllocateUninitializedArray<byte>(most * s_size);
        int ready, requests = 0;
        fixed (byte* counted = _counted)
            ready = Libc.epoll_wait((int)handle, counted, most, 0);
        for (var i = 0; i < ready; i++)
            requests += (Unsafe.ReadUnaligned<uint>(ref _counted[i * s_size]) & (Libc.Requests | Libc.Error | Libc.HangUp)) == Libc.In ? 1 : 0;
        return requests;
    }

    /// <summary>The socket at a place among those that are ready, and what it is ready for; false when it is a wake-up.</summary>
    public bool TryGet(int place, out int descriptor, out uint happening)
    {
        ref var happened = ref _happenings[place * s_size];
        happening = Unsafe.ReadUnaligned<uint>(ref happened);
        descriptor = (int)Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref happened, s_dataAt));
        if (descriptor != _wake)
            return true;
        ulong count;
        _ = Libc.read(_wake, &count, sizeof(ulong));
        return false;
    }

    /// <summary>Ends the wait of the thread that waits, or its next one; nothing after the end. Any thread may call it.</summary>
    public void Wake()
    {
        // A tile may come after the server has stopped, when the descriptor is another's already.
        var held = false;
        try
        {
            DangerousAddRef(ref held);
            // A full counter refuses more, and wakes all the same.
            ulong one = 1;
            _ = Libc.write(_wake, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
        }
        finally
        {
            if (held)
                DangerousRelease();
        }
    }

    protected override bool ReleaseHandle() => Libc.close(_wake) == 0 & Libc.close((int)handle) == 0;

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());
}
