namespace Grid.Storage.FileSystem;

/// <summary>What the operating system's errors mean for a store.</summary>
internal static class Failures
{
    // errno values of Linux (asm-generic/errno.h); .NET leaves them in HResult.
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;

    public static StorageException Of(string verb, string key, Exception e) => e.HResult is NoSpaceLeft or QuotaExceeded
        ? new StorageFullException($"The disk is full: cannot {verb} \"{key}\". Free some space, or move the data folder to a larger disk.", e)
        : new StorageException($"Cannot {verb} \"{key}\": {e.Message}", e);

    public static bool IsFolder(string path, Exception e) => e is UnauthorizedAccessException && Directory.Exists(path);

    public static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start of a store removes it.
        }
    }
}
