using System.Runtime.CompilerServices;

namespace Grid.Storage;

/// <summary>
/// A store and others beside it under one name space: the objects of the one called NAME have keys that begin with <c>stores/NAME/</c>, there as here, and
/// all other objects are in the main one. Bytes pass through here only when an object of one store is linked into another.
/// </summary>
/// <param name="main">The store of all other keys.</param>
/// <param name="others">Stores by name; they are disposed of with the group.</param>
public sealed class StoreGroup(IObjectStore main, IReadOnlyDictionary<string, IObjectStore> others) : IObjectStore, IDisposable
{
    private const string Folder = "stores/";
    private const int CopiesAtOnce = 8;

    /// <summary>The store of keys without a name.</summary>
    public IObjectStore Main => main;

    /// <summary>What the keys of a store's objects begin with; nothing for the main store.</summary>
    public static string PrefixOf(string? name) => name is null ? "" : $"{Folder}{name}/";

    /// <summary>The name of the store that a key is in; null for the main one.</summary>
    public static string? NameIn(string key)
    {
        if (!key.StartsWith(Folder, StringComparison.Ordinal))
            return null;
        var end = key.IndexOf('/', Folder.Length);
        return end < 0 ? null : key[Folder.Length..end];
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> GdalOptions => main.GdalOptions;

    public Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellation = default) => StoreOf(key).FindAsync(key, cancellation);

    public Task<int> ReadAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellation = default) =>
        StoreOf(key).ReadAsync(key, offset, buffer, cancellation);

    public Task<Stream> OpenReadAsync(string key, CancellationToken cancellation = default) => StoreOf(key).OpenReadAsync(key, cancellation);

    public Task<ObjectInfo> PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) =>
        StoreOf(key).PutAsync(key, content, cancellation);

    public Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancellation = default) => StoreOf(key).PutAsync(key, content, cancellation);

    public async Task LinkAsync(IReadOnlyList<ObjectLink> links, CancellationToken cancellation = default)
    {
        foreach (var within in links.Where(link => StoreOf(link.From) == StoreOf(link.To)).GroupBy(link => StoreOf(link.To)))
            await within.Key.LinkAsync([.. within], cancellation);
        await Parallel.ForEachAsync(
            links.Where(link => StoreOf(link.From) != StoreOf(link.To)),
            new ParallelOptions { MaxDegreeOfParallelism = CopiesAtOnce, CancellationToken = cancellation },
            async (link, stop) => await CopyAsync(link, stop));
    }

    public Task DeleteAsync(string key, CancellationToken cancellation = default) => StoreOf(key).DeleteAsync(key, cancellation);

    public async Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellation = default)
    {
        foreach (var within in keys.GroupBy(StoreOf))
            await within.Key.DeleteAsync([.. within], cancellation);
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var found in StoreOf(prefix).ListAsync(prefix, cancellation))
            yield return found;
    }

    public string GdalPath(string key) => StoreOf(key).GdalPath(key);

    public void Dispose()
    {
        foreach (var store in others.Values.Append(main))
            (store as IDisposable)?.Dispose();
    }

    private async Task CopyAsync(ObjectLink link, CancellationToken cancellation)
    {
        var source = await StoreOf(link.From).FindAsync(link.From, cancellation) ?? throw new ObjectNotFoundException(link.From);
        await using var original = await StoreOf(link.From).OpenReadAsync(link.From, cancellation);
        await using var content = new DigestedStream(original);
        var put = await StoreOf(link.To).PutAsync(link.To, content, cancellation);
        if (put.LengthBytes != source.LengthBytes)
            throw new StorageException($"\"{link.From}\" has {source.LengthBytes} bytes, {put.LengthBytes} were copied to \"{link.To}\".");
        var md5 = content.Md5();
        // A service says the MD5 of what it stored in the tag of an object that came whole; of others, what was stored is read again.
        if (put.ETag.Trim('"').Equals(md5, StringComparison.OrdinalIgnoreCase))
            return;
        await using var copy = await StoreOf(link.To).OpenReadAsync(link.To, cancellation);
        await using var stored = new DigestedStream(copy);
        await stored.CopyToAsync(Stream.Null, cancellation);
        if (stored.Md5() is var found && found != md5)
            throw new StorageException($"\"{link.From}\" was read with MD5 {md5}, its copy \"{link.To}\" has {found}: copy it again.");
    }

    private IObjectStore StoreOf(string key) => NameIn(key) is not { } name ? main
        : others.TryGetValue(name, out var store) ? store
        : throw new StorageException($"\"{key}\" is in the store \"{name}\", which the settings do not name: add it to Grid:Storage:Others.");
}
