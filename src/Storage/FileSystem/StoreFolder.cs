using System.Runtime.ExceptionServices;
using Grid.Storage.Native;

namespace Grid.Storage.FileSystem;

/// <summary>The folder of a store: which path a key has, and that no path leaves the folder.</summary>
internal sealed class StoreFolder
{
    private const int FlushesAtOnce = 8;

    private readonly string _rootWithSlash;

    public StoreFolder(string root)
    {
        Directory.CreateDirectory(root);
        Root = RealPathOf(Path.GetFullPath(root));
        _rootWithSlash = Root.EndsWith('/') ? Root : Root + "/";
    }

    public string Root { get; }

    /// <summary>The path of a key.</summary>
    /// <exception cref="InvalidObjectKeyException">Not a key, or one in the store's own folder of unfinished puts.</exception>
    /// <exception cref="StorageException">A symbolic link on the way leads out of the folder.</exception>
    public string PathOf(string key)
    {
        ObjectKey.Checked(key);
        if (key.StartsWith(PartialFolder.Name, StringComparison.Ordinal) && (key.Length == PartialFolder.Name.Length || key[PartialFolder.Name.Length] == '/'))
            throw new InvalidObjectKeyException(key);
        var path = _rootWithSlash + key;
        RefuseLinksOutside(path, key);
        return path;
    }

    /// <summary>
    /// Flushes folders, so that the names in them survive a power cut. Many at once: each flush waits for the device, and one wait of the device serves all that
    /// wait then.
    /// </summary>
    public static void Flush(IReadOnlyCollection<string> folders)
    {
        if (folders.Count == 1)
        {
            DirectorySync.Flush(folders.First());
            return;
        }

        try
        {
            Parallel.ForEach(folders, new ParallelOptions { MaxDegreeOfParallelism = FlushesAtOnce }, DirectorySync.Flush);
        }
        catch (AggregateException failed)
        {
            ExceptionDispatchInfo.Throw(failed.InnerExceptions[0]);
        }
    }

    /// <summary>Gives a finished file its name, making the folders on the way. Returns the folders that got a name, the deepest first.</summary>
    public List<string> MoveInto(string partial, string path)
    {
        var parent = Path.GetDirectoryName(path)!;
        // A deletion may remove an empty parent between its making and the rename.
        for (var attempt = 0; ; attempt++)
        {
            var made = !Directory.Exists(parent);
            try
            {
                if (made)
                    Directory.CreateDirectory(parent);
                File.Move(partial, path, overwrite: true);
            }
            catch (DirectoryNotFoundException) when (attempt < 100)
            {
                continue;
            }

            var changed = new List<string>();
            for (var folder = parent; ; folder = Path.GetDirectoryName(folder)!)
            {
                changed.Add(folder);
                if (!made || folder.Length <= Root.Length)
                    return changed;
            }
        }
    }

    public void RemoveEmptyParents(string path)
    {
        for (var parent = Path.GetDirectoryName(path)!; parent.Length > Root.Length; parent = Path.GetDirectoryName(parent)!)
        {
            try
            {
                Directory.Delete(parent);
            }
            catch (IOException)
            {
                return;
            }
        }
    }

    /// <summary>The files whose keys begin with a prefix, in the order of <see cref="ObjectKey.Compare"/>; one folder's names are held at a time and depth.</summary>
    public IEnumerable<(string Key, FileInfo File)> FilesBelow(string prefix)
    {
        var folder = prefix[..(prefix.LastIndexOf('/') + 1)];
        return FilesBelow(folder, prefix);
    }

    private IEnumerable<(string Key, FileInfo File)> FilesBelow(string folderKey, string prefix)
    {
        var folder = new DirectoryInfo(_rootWithSlash + folderKey);
        FileSystemInfo[] entries;
        try
        {
            if (folderKey.Length > 0)
                RefuseLinksOutside(folder.FullName.TrimEnd('/'), folderKey);
            entries = folder.GetFileSystemInfos();
        }
        catch (DirectoryNotFoundException)
        {
            yield break;
        }
        catch (IOException e) when (e is not StorageException && File.Exists(folder.FullName.TrimEnd('/')))
        {
            yield break;
        }

        // A folder sorts as its keys do, that is with the slash that follows its name.
        var sorted = entries
            .Select(entry => (Key: folderKey + entry.Name + (entry is DirectoryInfo ? "/" : ""), Entry: entry))
            .Where(e => (e.Key.StartsWith(prefix, StringComparison.Ordinal) || prefix.StartsWith(e.Key, StringComparison.Ordinal))
                && e.Key != PartialFolder.Name + "/")
            .ToArray();
        Array.Sort(sorted, (a, b) => ObjectKey.Compare(a.Key, b.Key));
        foreach (var (key, entry) in sorted)
        {
            if (entry is FileInfo file)
            {
                if (file.LinkTarget is null || LeadsInside(file))
                    yield return (key, file);
            }
            else if (entry.LinkTarget is null || LeadsInside(entry))
            {
                foreach (var below in FilesBelow(key, prefix))
                    yield return below;
            }
        }
    }

    private void RefuseLinksOutside(string path, string key)
    {
        for (var at = Root.Length; at < path.Length;)
        {
            var next = path.IndexOf('/', at + 1);
            at = next < 0 ? path.Length : next;
            var entry = new FileInfo(path[..at]);
            if (entry.LinkTarget is not null && !LeadsInside(entry))
                throw new StorageException($"\"{key}\" passes through a symbolic link that leads out of the store.");
        }
    }

    private bool LeadsInside(FileSystemInfo link)
    {
        var target = RealPathOf(Path.Combine(Path.GetDirectoryName(link.FullName)!, link.LinkTarget!));
        return target == Root || target.StartsWith(_rootWithSlash, StringComparison.Ordinal);
    }

    /// <summary>The path with every link in it resolved; parts that do not exist stay as they are.</summary>
    private static string RealPathOf(string path)
    {
        var real = "/";
        var links = 0;
        var rest = new Stack<string>(Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (rest.TryPop(out var segment))
        {
            if (segment == "..")
            {
                real = Path.GetDirectoryName(real) ?? "/";
                continue;
            }

            if (segment == ".")
                continue;
            var next = Path.Combine(real, segment);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            // 40 links on one path is Linux's own limit.
            if (++links > 40)
                throw new IOException($"Too many symbolic links in \"{path}\".");
            if (target.StartsWith('/'))
                real = "/";
            foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                rest.Push(part);
        }

        return real;
    }
}
