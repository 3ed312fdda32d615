using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Grid.Storage.Native;

/// <summary>Gives a file a second name: linkat(2), which .NET has no call for.</summary>
internal static partial class HardLink
{
    // Linux: names are relative to the current directory, and a symbolic link is followed to its file.
    private const int CurrentDirectory = -100;
    private const int FollowLinks = 0x400;

    // errno values of Linux.
    private const int PermissionDenied = 1;
    private const int CrossDevice = 18;
    private const int TooManyLinks = 31;
    private const int NoSuchCall = 38;
    private const int NotSupported = 95;

    /// <summary>False when the file system has no hard links, or not between these places, or no more of this file.</summary>
    /// <exception cref="IOException">The link cannot be made for another reason.</exception>
    public static bool TryCreate(string existing, string path)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        if (LinkAt(CurrentDirectory, existing, CurrentDirectory, path, FollowLinks) == 0)
            return true;
        var errno = Marshal.GetLastPInvokeError();
        return errno is PermissionDenied or CrossDevice or TooManyLinks or NoSuchCall or NotSupported
            ? false
            : throw new IOException($"Cannot link \"{path}\" to \"{existing}\": {new Win32Exception(errno).Message}", errno);
    }

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkAt(int existingFolder, string existing, int folder, string path, int flags);
}
