using System.Security.Cryptography;
using Grid.Grains.Catalogue;
using Grid.Interfaces.Uploads;
using Grid.Storage;

namespace Grid.Grains.Uploads;

/// <summary>
/// The standard check: every file is stored whole, has not changed since its delivery, and has the digest that the upload's MD5 files list
/// for it. Step 0 reads the MD5 files; each further step reads one file again.
/// </summary>
public sealed class StandardCheck : LotCheck
{
    private const int ReadBytes = 1024 * 1024;

    private readonly Guid _upload;
    private readonly IObjectStore _store;
    private readonly IReadOnlyList<UploadFile> _files;
    private readonly Dictionary<string, string> _listed;
    private readonly IReadOnlyList<string> _faults;
    private readonly int _lists;

    private StandardCheck(
        Guid upload, IObjectStore store, ExecutionLog log, IReadOnlyList<UploadFile> files, Dictionary<string, string> listed, IReadOnlyList<string> faults, int lists)
        : base(log) => (_upload, _store, _files, _listed, _faults, _lists) = (upload, store, files, listed, faults, lists);

    public override int Steps => 1 + _files.Count;

    /// <summary>Reads the lists of files and digests.</summary>
    public static async Task<StandardCheck> PrepareAsync(Guid upload, UploadFiles uploadFiles, IObjectStore store, ExecutionLog log, CancellationToken cancellation)
    {
        var files = await uploadFiles.ListAsync(upload, FileKind.Data, cancellation);
        var lists = await uploadFiles.ListAsync(upload, FileKind.Md5, cancellation);
        var paths = files.Select(file => file.Path).ToHashSet();
        var byName = files.ToLookup(file => Path.GetFileName(file.Path), file => file.Path);
        var listed = new Dictionary<string, string>();
        var faults = new List<string>();
        foreach (var list in lists)
        {
            await using var stream = await store.OpenReadAsync(UploadPath.Md5Key(upload, list.Path), cancellation);
            foreach (var entry in await Md5List.ReadAsync(stream, cancellation))
            {
                if (entry.Digest is null)
                    faults.Add($"{list.Path}, line {entry.Line}: this is not \"digest path\"; write the list again with md5sum.");
                else if (PathOf(entry.Path, paths, byName) is not { } path)
                    faults.Add($"{entry.Path}: listed in {list.Path}, line {entry.Line}, but not delivered; deliver it, or take it out of the list.");
                else if (!listed.TryAdd(path, entry.Digest) && listed[path] != entry.Digest)
                    faults.Add($"{entry.Path}: listed with two digests, {listed[path]} and {entry.Digest} ({list.Path}, line {entry.Line}).");
            }
        }

        return new StandardCheck(upload, store, log, files, listed, faults, lists.Count);
    }

    public override async Task<int> RunAsync(int step, CancellationToken cancellation)
    {
        if (step > 0)
            return await VerifyAsync(_files[step - 1], cancellation);
        Log.Info($"{_files.Count} file(s), {_lists} MD5 file(s) with {_listed.Count} digest(s).");
        foreach (var fault in _faults)
            Log.Error(fault);
        var unlisted = _files.Where(file => !_listed.ContainsKey(file.Path)).Select(file => file.Path).ToList();
        if (unlisted.Count > 0)
        {
            Log.Warning(
                $"{unlisted.Count} file(s) have no digest in an MD5 file and are compared with what was received: {string.Join(", ", unlisted.Take(10))}"
                + (unlisted.Count > 10 ? "…" : "."));
        }

        return _faults.Count;
    }

    /// <summary>
    /// The delivered path of a listed one: itself, or the only delivered file whose path ends with it or the other way round, since lists are
    /// often made one folder above or below.
    /// </summary>
    private static string? PathOf(string listed, HashSet<string> paths, ILookup<string, string> byName)
    {
        if (paths.Contains(listed))
            return listed;
        var near = byName[Path.GetFileName(listed)]
            .Where(path => path.EndsWith('/' + listed, StringComparison.Ordinal) || listed.EndsWith('/' + path, StringComparison.Ordinal))
            .Take(2).ToList();
        return near.Count == 1 ? near[0] : null;
    }

    private async Task<int> VerifyAsync(UploadFile file, CancellationToken cancellation)
    {
        var key = UploadPath.DataKey(_upload, file.Path);
        if (_listed.TryGetValue(file.Path, out var expected) && expected != file.Md5)
        {
            Log.Error($"{file.Path}: its MD5 digest is {file.Md5}, and {expected} is listed; deliver the file again, or correct the list.");
            return 1;
        }

        string digest;
        long length;
        try
        {
            (digest, length) = await DigestAsync(key, cancellation);
        }
        catch (ObjectNotFoundException)
        {
            Log.Error($"{file.Path}: it is not in the storage any more; deliver it again.");
            return 1;
        }

        if (digest == file.Md5 && length == file.SizeBytes)
        {
            Log.Info($"{file.Path}: {length} bytes, MD5 {digest}.");
            return 0;
        }

        Log.Error($"{file.Path}: it has changed since its delivery ({length} bytes, MD5 {digest}; {file.SizeBytes} bytes, MD5 {file.Md5} were received); deliver it again.");
        return 1;
    }

    private async Task<(string Digest, long Length)> DigestAsync(string key, CancellationToken cancellation)
    {
        await using var stream = await _store.OpenReadAsync(key, cancellation);
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(ReadBytes);
        try
        {
            var length = 0L;
            for (int read; (read = await stream.ReadAsync(buffer, cancellation)) > 0; length += read)
                md5.AppendData(buffer, 0, read);
            return (Convert.ToHexStringLower(md5.GetHashAndReset()), length);
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
