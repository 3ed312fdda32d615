using Microsoft.Win32.SafeHandles;

namespace Grid.Storage.FileSystem;

/// <summary>
/// Files kept open for range reads, at most a given number, the least recently used closed first. A put or delete through the store forgets the file at
/// once; a change by another process is seen within <see cref="TrustMilliseconds"/>.
/// </summary>
internal sealed class OpenFiles(StoreFolder folder, int capacity) : IDisposable
{
    private const int TrustMilliseconds = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byKey = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> _byUse = [];
    private long _generation;

    /// <summary>
    /// A handle to the file, or null when there is none. It may be closed at any moment by an eviction: a read then throws
    /// <see cref="ObjectDisposedException"/> and the caller asks again.
    /// </summary>
    /// <exception cref="InvalidObjectKeyException">Not a key.</exception>
    /// <exception cref="StorageException">A symbolic link on the way leads out of the folder.</exception>
    public SafeFileHandle? Get(string key)
    {
        long generation;
        lock (_lock)
        {
            generation = _generation;
            if (_byKey.TryGetValue(key, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                var entry = node.Value;
                if (Environment.TickCount64 - entry.CheckedAt < TrustMilliseconds)
                    return entry.Handle;
                if (entry.IsStillThere())
                {
                    entry.CheckedAt = Environment.TickCount64;
                    return entry.Handle;
                }

                Remove(node);
            }
        }

        if (Open(key, folder.PathOf(key)) is not { } opened)
            return null;
        lock (_lock)
        {
            // Put or deleted meanwhile: this handle shows the former file, which this one read may see but no later one.
            if (generation != _generation && !opened.IsStillThere())
                return opened.Handle;
            if (_byKey.TryGetValue(key, out var other))
            {
                opened.Handle.Dispose();
                return other.Value.Handle;
            }

            _byKey[key] = _byUse.AddFirst(opened);
            if (_byKey.Count > capacity)
                Remove(_byUse.Last!);
            return opened.Handle;
        }
    }

    public void Forget(string key)
    {
        lock (_lock)
        {
            _generation++;
            if (_byKey.TryGetValue(key, out var node))
                Remove(node);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _generation++;
            while (_byUse.Last is { } node)
                Remove(node);
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byKey.Remove(node.Value.Key);
        _byUse.Remove(node);
        node.Value.Handle.Dispose();
    }

    private static Entry? Open(string key, string path)
    {
        try
        {
            // Sharing everything keeps .NET from locking the file, so a reader never stands in a writer's way.
            var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
            return new Entry(key, path, handle, RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException || Failures.IsFolder(path, e))
        {
            return null;
        }
    }

    private sealed class Entry(string key, string path, SafeFileHandle handle, long length, DateTime modified)
    {
        public string Key { get; } = key;
        public SafeFileHandle Handle { get; } = handle;
        public long CheckedAt { get; set; } = Environment.TickCount64;

        public bool IsStillThere()
        {
            var now = new FileInfo(path);
            return now.Exists && now.Length == length && now.LastWriteTimeUtc == modified;
        }
    }
}
