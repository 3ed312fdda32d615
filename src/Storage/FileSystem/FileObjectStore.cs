using System.Buffers;
using System.Runtime.CompilerServices;
using Grid.Storage.Native;
using Microsoft.Win32.SafeHandles;

namespace Grid.Storage.FileSystem;

/// <summary>
/// Objects as files under one folder: the key is the path below it. A put writes a file aside in the same file system and renames it, so readers
/// never see a part. Because a key's parents are folders, no object's key can be the beginning of another's path (<c>a</c> and <c>a/b</c>).
/// Symbolic links inside the folder are followed only as far as they stay in it. Safe for concurrent use, also by several processes.
/// </summary>
public sealed class FileObjectStore : IObjectStore, IDisposable
{
    /// <summary>Reads up to this many bytes are made on the caller's thread: a tile that is in the page cache costs less than a thread hop.</summary>
    private const int InlineReadBytes = 64 * 1024;

    private const int CopyBytes = 256 * 1024;
    private const int FlushesAtOnce = 8;

    /// <summary>Of a long object so many bytes are flushed while the next ones come: at its end little is left to wait for.</summary>
    private const int FlushBytes = 32 << 20;

    private readonly StoreFolder _folder;
    private readonly PartialFolder? _partials;
    private readonly OpenFiles _openFiles;
    private readonly bool _flushToDisk;
    private readonly SemaphoreSlim _flushes = new(FlushesAtOnce, FlushesAtOnce);

    /// <summary>Opens the store, making the folder when it is absent and removing what a crashed process left half-written.</summary>
    /// <param name="root">The folder. Relative paths are taken from the current directory.</param>
    /// <param name="flushToDisk">True: a put returns when the bytes and the name are on the device, and survives a power cut.</param>
    /// <param name="openFiles">How many files stay open for range reads; each costs a file descriptor.</param>
    /// <param name="isOnlyRead">True: the folder is there already, and nothing is made in it; putting fails.</param>
    /// <exception cref="StorageException">The folder cannot be made or written, or is not there.</exception>
    public FileObjectStore(string root, bool flushToDisk = true, int openFiles = 512, bool isOnlyRead = false)
    {
        if (isOnlyRead && !Directory.Exists(root))
            throw new StorageException($"There is no folder \"{root}\".");
        _flushToDisk = flushToDisk;
        try
        {
            _folder = new StoreFolder(root);
            _partials = isOnlyRead ? null : new PartialFolder(_folder.Root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failures.Of("open the store", root, e);
        }

        _openFiles = new OpenFiles(_folder, openFiles);
    }

    private PartialFolder Partials => _partials ?? throw new StorageException($"The folder \"{_folder.Root}\" is only read.");

    /// <summary>The folder, absolute and free of links.</summary>
    public string Root => _folder.Root;

    public Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = _folder.PathOf(key);
        return Task.FromResult(Guarded("read", key, () => InfoOf(key, new FileInfo(path))));
    }

    public Task<int> ReadAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (buffer.Length > InlineReadBytes)
            return ReadLongAsync(key, offset, buffer, cancellation);
        try
        {
            return Task.FromResult(ReadShort(key, offset, buffer.Span));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Task.FromException<int>(IsOfSystem(e) ? Failures.Of("read", key, e) : e);
        }
    }

    public Task<Stream> OpenReadAsync(string key, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = _folder.PathOf(key);
        try
        {
            return Task.FromResult<Stream>(new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, CopyBytes, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException || Failures.IsFolder(path, e))
        {
            throw new ObjectNotFoundException(key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failures.Of("read", key, e);
        }
    }

    public Task<ObjectInfo> PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) =>
        PutAsync(key, async handle =>
        {
            await RandomAccess.WriteAsync(handle, content, 0, cancellation);
            return content.Length;
        });

    public Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancellation = default) =>
        PutAsync(key, async handle =>
        {
            var buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
            var flush = Task.CompletedTask;
            try
            {
                long length = 0, flushed = 0;
                for (int read; (read = await ReadSourceAsync(content, buffer, cancellation)) > 0; length += read)
                {
                    await RandomAccess.WriteAsync(handle, buffer.AsMemory(0, read), length, cancellation);
                    if (!_flushToDisk || length - flushed < FlushBytes || !flush.IsCompleted)
                        continue;
                    await flush;
                    flushed = length;
                    flush = OnOwnThreadAsync(() => RandomAccess.FlushToDisk(handle));
                }

                // A failed flush is told once: the last one may know nothing of it.
                await flush;
                return length;
            }
            finally
            {
                await flush.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                ArrayPool<byte>.Shared.Return(buffer);
            }
        });

    // Folders are flushed once for all links in them; the content was flushed when it was put.
    public Task LinkAsync(IReadOnlyList<ObjectLink> links, CancellationToken cancellation = default) => Task.Run(
        async () =>
        {
            var folders = new HashSet<string>();
            try
            {
                foreach (var link in links)
                {
                    cancellation.ThrowIfCancellationRequested();
                    await LinkAsync(link, folders, cancellation);
                }
            }
            finally
            {
                if (_flushToDisk)
                    StoreFolder.Flush(folders);
            }
        }, cancellation);

    public Task DeleteAsync(string key, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var path = _folder.PathOf(key);
        if (Guarded("delete", key, () => Remove(key, path)))
            _folder.RemoveEmptyParents(path);
        return Task.CompletedTask;
    }

    // A thousand deletions are no work for the caller's thread.
    public Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellation = default)
    {
        List<(string Key, string Path)> files = [.. keys.Select(key => (key, _folder.PathOf(key)))];
        return Task.Run(
            () =>
            {
                foreach (var folder in files.GroupBy(file => Path.GetDirectoryName(file.Path)!))
                {
                    cancellation.ThrowIfCancellationRequested();
                    foreach (var (key, path) in folder)
                        Guarded("delete", key, () => Remove(key, path));
                    _folder.RemoveEmptyParents(folder.First().Path);
                }
            }, cancellation);
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ObjectKey.CheckedPrefix(prefix);
        await Task.CompletedTask;
        foreach (var (key, file) in _folder.FilesBelow(prefix))
        {
            cancellation.ThrowIfCancellationRequested();
            // Null when it was deleted since its folder was read.
            if (Guarded("list", key, () => InfoOf(key, file)) is { } info)
                yield return info;
        }
    }

    public string GdalPath(string key) => _folder.PathOf(key);

    /// <summary>Closes the open files and removes this store's folder of unfinished puts.</summary>
    public void Dispose()
    {
        _openFiles.Dispose();
        _partials?.Dispose();
    }

    private bool Remove(string key, string path)
    {
        _openFiles.Forget(key);
        if (!File.Exists(path))
            return false;
        File.Delete(path);
        return true;
    }

    private async Task LinkAsync(ObjectLink link, HashSet<string> folders, CancellationToken cancellation)
    {
        string from = _folder.PathOf(link.From), to = _folder.PathOf(link.To), partial = Partials.NewPath();
        try
        {
            if (!File.Exists(from))
                throw new ObjectNotFoundException(link.From);
            if (HardLink.TryCreate(from, partial))
            {
                folders.UnionWith(_folder.MoveInto(partial, to));
                _openFiles.Forget(link.To);
            }
            else
            {
                await using var content = await OpenReadAsync(link.From, cancellation);
                await PutAsync(link.To, content, cancellation);
            }
        }
        catch (Exception e) when (e is IOException and not StorageException or UnauthorizedAccessException)
        {
            throw Failures.Of("link", link.From, e);
        }
        finally
        {
            // A rename onto another name of the same file leaves both.
            Failures.DeleteQuietly(partial);
        }
    }

    private async Task<ObjectInfo> PutAsync(string key, Func<SafeFileHandle, Task<long>> writeAsync)
    {
        var path = _folder.PathOf(key);
        var partial = Partials.NewPath();
        try
        {
            var modified = ChangeClock.Next();
            long length;
            using (var handle = File.OpenHandle(partial, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous))
            {
                length = await writeAsync(handle);
                File.SetLastWriteTimeUtc(handle, modified);
                if (_flushToDisk)
                    await OnOwnThreadAsync(() => RandomAccess.FlushToDisk(handle));
            }

            if (_flushToDisk)
                await OnOwnThreadAsync(() => StoreFolder.Flush(_folder.MoveInto(partial, path)));
            else
                _folder.MoveInto(partial, path);
            _openFiles.Forget(key);
            return new ObjectInfo(key, length, modified, ETagOf(length, modified));
        }
        catch (SourceFailure e)
        {
            Failures.DeleteQuietly(partial);
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
        catch (Exception e)
        {
            Failures.DeleteQuietly(partial);
            if (IsOfSystem(e))
                throw Failures.Of("write", key, e);
            throw;
        }
    }

    // A flush waits for the device: callers go on meanwhile, and the thread pool keeps its threads.
    private async Task OnOwnThreadAsync(Action flush)
    {
        await _flushes.WaitAsync();
        try
        {
            await Task.Factory.StartNew(flush, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
        }
        finally
        {
            _flushes.Release();
        }
    }

    /// <summary>Reads the caller's stream; its failures stay the caller's own and are never told as the store's.</summary>
    private static async ValueTask<int> ReadSourceAsync(Stream content, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            return await content.ReadAsync(buffer, cancellation);
        }
        catch (IOException e)
        {
            throw new SourceFailure(e);
        }
    }

    // A handle taken from the cache may be closed by an eviction before it is read: then it is opened anew.
    private int ReadShort(string key, long offset, Span<byte> buffer)
    {
        for (var attempt = 0; ; attempt++)
        {
            var handle = _openFiles.Get(key);
            if (handle is null)
                return -1;
            try
            {
                var filled = 0;
                while (filled < buffer.Length && RandomAccess.Read(handle, buffer[filled..], offset + filled) is > 0 and var read)
                    filled += read;
                return filled;
            }
            catch (ObjectDisposedException) when (attempt < 8)
            {
            }
        }
    }

    private async Task<int> ReadLongAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            for (var attempt = 0; ; attempt++)
            {
                var handle = _openFiles.Get(key);
                if (handle is null)
                    return -1;
                try
                {
                    var filled = 0;
                    while (filled < buffer.Length && await RandomAccess.ReadAsync(handle, buffer[filled..], offset + filled, cancellation) is > 0 and var read)
                        filled += read;
                    return filled;
                }
                catch (ObjectDisposedException) when (attempt < 8)
                {
                }
            }
        }
        catch (Exception e) when (IsOfSystem(e))
        {
            throw Failures.Of("read", key, e);
        }
    }

    private static bool IsOfSystem(Exception e) => e is IOException and not StorageException or UnauthorizedAccessException;

    private static ObjectInfo? InfoOf(string key, FileInfo file)
    {
        file.Refresh();
        return file.Exists ? new ObjectInfo(key, file.Length, file.LastWriteTimeUtc, ETagOf(file.Length, file.LastWriteTimeUtc)) : null;
    }

    private static string ETagOf(long length, DateTime modified) => $"{modified.Ticks:x}-{length:x}";

    private static T Guarded<T>(string verb, string key, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (IsOfSystem(e))
        {
            throw Failures.Of(verb, key, e);
        }
    }

    private sealed class SourceFailure(IOException inner) : Exception(null, inner);
}
