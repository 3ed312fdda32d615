using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Grid.Storage.Native;

/// <summary>Makes the names in a folder durable: fsync(2) of a folder, which .NET has no call for.</summary>
internal static partial class DirectorySync
{
    // O_RDONLY | O_DIRECTORY | O_CLOEXEC, Linux x86-64; O_DIRECTORY differs on Arm and is left out there.
    private static readonly int OpenFlags = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0x10000 | 0x80000 : 0x80000;

    /// <exception cref="IOException">The folder cannot be opened or flushed.</exception>
    public static void Flush(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var handle = new SafeFileHandle(Open(folder, OpenFlags), ownsHandle: true);
        if (handle.IsInvalid)
            throw Failed(folder);
        if (FSync(handle) != 0)
            throw Failed(folder);
    }

    private static IOException Failed(string folder)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new IOException($"Cannot flush the folder \"{folder}\": {new Win32Exception(errno).Message}", errno);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle handle);
}
