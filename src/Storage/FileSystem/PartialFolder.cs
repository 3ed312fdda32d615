namespace Grid.Storage.FileSystem;

/// <summary>
/// Where one open store writes files before they get their names: a folder of its own in <c>.partial</c>, held by a locked file as long as the store
/// lives. A folder whose lock is free belonged to a process that died, and is removed when a store opens.
/// </summary>
internal sealed class PartialFolder : IDisposable
{
    public const string Name = ".partial";
    private const string LockName = "lock";

    private readonly string _folder;
    private readonly FileStream _lock;
    private long _count;

    public PartialFolder(string root)
    {
        var all = Path.Combine(root, Name);
        Directory.CreateDirectory(all);
        foreach (var folder in Directory.GetDirectories(all))
            RemoveIfAbandoned(folder);
        (_folder, _lock) = Claim(all);
    }

    /// <summary>A path that no file has yet.</summary>
    public string NewPath() => Path.Combine(_folder, Interlocked.Increment(ref _count).ToString("x"));

    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Removed at the next start.
        }

        _lock.Dispose();
    }

    private static (string, FileStream) Claim(string all)
    {
        // Another store that opens at this moment may take the new folder, not locked yet, for an abandoned one.
        for (var attempt = 0; ; attempt++)
        {
            var folder = Path.Combine(all, Guid.NewGuid().ToString("n"));
            try
            {
                Directory.CreateDirectory(folder);
                return (folder, new FileStream(Path.Combine(folder, LockName), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (attempt < 8)
            {
            }
        }
    }

    private static void RemoveIfAbandoned(string folder)
    {
        try
        {
            using (new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In use, or another process is removing it.
        }
    }
}
