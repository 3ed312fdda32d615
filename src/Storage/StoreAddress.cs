namespace Grid.Storage;

/// <summary>
/// Addresses as a ROK4 server's configuration has them, <c>s3://bucket/key</c>, <c>file:///path</c> or a path alone. Only what lies in a store that the settings
/// name can be read, so that a file that is read names no place of the operator's machines that he did not name himself.
/// </summary>
/// <param name="options">The settings of the main store, with its others.</param>
public sealed class StoreAddress(StorageOptions options)
{
    /// <summary>The key of an address in the group of stores; of a folder's address, without a slash at the end.</summary>
    /// <exception cref="StorageException">It is of no such form, or in none of the foreign stores.</exception>
    public string KeyOf(string address)
    {
        address = address.Trim();
        string? key;
        if (address.StartsWith("s3://", StringComparison.Ordinal))
        {
            var slash = address.IndexOf('/', 5);
            key = slash < 0 ? null : KeyIn(address[5..slash], address[(slash + 1)..]);
        }
        else
        {
            var path = address.StartsWith("file://", StringComparison.Ordinal) ? address[7..] : address;
            key = Path.IsPathRooted(path) ? KeyOfPath(Path.GetFullPath(path)) : null;
        }

        return key?.TrimEnd('/') is { } found && ObjectKey.IsValid(found)
            ? found
            : throw new StorageException($"\"{address}\" is in no store that the settings name: an address is s3://BUCKET/KEY or an absolute path, of a store of Grid:Storage:Others that is Foreign.");
    }

    /// <summary>The key of an object of a bucket; null when no foreign store is that bucket.</summary>
    /// <param name="bucket">May be written with its cluster: <c>bucket@host</c>.</param>
    public string? KeyIn(string bucket, string key)
    {
        bucket = bucket.Split('@')[0];
        foreach (var (name, other) in options.Others)
        {
            if (other.Foreign && other.Kind == StorageKind.S3 && other.S3.Bucket == bucket)
                return StoreGroup.PrefixOf(name) + key;
        }

        return null;
    }

    private string? KeyOfPath(string path)
    {
        foreach (var (name, other) in options.Others)
        {
            if (!other.Foreign || other.Kind != StorageKind.Folder)
                continue;
            var relative = Path.GetRelativePath(Path.GetFullPath(other.Folder!), path);
            if (relative != "." && !relative.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(relative))
                return StoreGroup.PrefixOf(name) + relative;
        }

        return null;
    }
}
