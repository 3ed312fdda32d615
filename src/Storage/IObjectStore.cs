namespace Grid.Storage;

/// <summary>An object's key, size and the time of its last change.</summary>
/// <param name="ETag">Changes whenever the content does; opaque.</param>
public sealed record ObjectInfo(string Key, long LengthBytes, DateTimeOffset LastModified, string ETag);

/// <summary>An object, and the key that shall have its content too.</summary>
public readonly record struct ObjectLink(string From, string To);

/// <summary>
/// Objects by key. The only seam to where bytes live: a local folder or an S3 bucket. Keys are relative paths of <c>/</c>-separated segments;
/// a key with an empty, <c>.</c> or <c>..</c> segment, a backslash, a NUL or a leading slash is refused with <see cref="InvalidObjectKeyException"/>.
/// Every failure but those two is a <see cref="StorageException"/> that names the key.
/// </summary>
public interface IObjectStore
{
    /// <summary>Reads one object's size and time, or null when there is no such object.</summary>
    Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellation = default);

    /// <summary>
    /// Fills <paramref name="buffer"/> from <paramref name="offset"/> on; returns the bytes read, fewer only at the end of the object,
    /// or -1 when there is no such object.
    /// </summary>
    Task<int> ReadAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellation = default);

    /// <summary>Opens the object for reading from its first byte; throws <see cref="ObjectNotFoundException"/> when there is none.</summary>
    Task<Stream> OpenReadAsync(string key, CancellationToken cancellation = default);

    /// <summary>Puts an object whole: readers see the former object or the new one, never a part, even if the process dies.</summary>
    Task<ObjectInfo> PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation = default);

    /// <summary>Puts an object from a stream of unknown length in bounded memory, atomically as above.</summary>
    Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancellation = default);

    /// <summary>
    /// Gives objects the content of others without the bytes passing through here: hard links in a folder, copies made by the service in a bucket.
    /// Either way each name stands for itself: deleting or replacing one of the two leaves the other as it is. Each is put as above, and all that were
    /// put before a failure stay. Throws <see cref="ObjectNotFoundException"/> when there is no such object.
    /// </summary>
    Task LinkAsync(IReadOnlyList<ObjectLink> links, CancellationToken cancellation = default);

    /// <summary>Deletes an object; succeeds when there is none.</summary>
    Task DeleteAsync(string key, CancellationToken cancellation = default);

    /// <summary>
    /// Deletes objects, a thousand a request where the service can; succeeds for those that there are not. Those that were deleted before a failure stay
    /// deleted.
    /// </summary>
    Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellation = default);

    /// <summary>Lists the objects whose keys begin with <paramref name="prefix"/>, in the code point order of keys (<see cref="ObjectKey.Compare"/>).</summary>
    IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellation = default);

    /// <summary>The name by which GDAL opens the object: a local path, or a <c>/vsis3/</c> path to be opened with <see cref="GdalOptions"/>.</summary>
    string GdalPath(string key);

    /// <summary>
    /// GDAL options by which <see cref="GdalPath"/> can be opened, to be set once by whoever loads GDAL; empty for local files. They hold secrets: not for logs.
    /// </summary>
    IReadOnlyDictionary<string, string> GdalOptions => System.Collections.Immutable.ImmutableDictionary<string, string>.Empty;
}
