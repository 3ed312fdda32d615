using Grid.Storage.FileSystem;
using Grid.Storage.S3;

namespace Grid.Storage;

/// <summary>Opens the store that the settings name.</summary>
public static class ObjectStores
{
    /// <summary>Opens a store, a <see cref="StoreGroup"/> where there are others beside it. It is disposable: dispose it after its last use.</summary>
    /// <exception cref="StorageOptionsException">A setting is missing or impossible.</exception>
    /// <exception cref="StorageException">The folder cannot be used. A bucket is not asked for before its first use: see <see cref="S3ObjectStore.CheckAsync"/>.</exception>
    public static IObjectStore Open(StorageOptions options)
    {
        options.Validate();
        if (options.Foreign)
            throw new StorageOptionsException("Grid:Storage:Foreign is true: only stores of Grid:Storage:Others can be, the main one is written.");
        var main = OpenOne(options, "main");
        return options.Others.Count == 0 ? main : new StoreGroup(main, options.Others.ToDictionary(other => other.Key, other => other.Value.Foreign
            ? new ForeignStore(OpenOne(other.Value, other.Key), StoreGroup.PrefixOf(other.Key))
            : OpenOne(other.Value, other.Key)));
    }

    private static IObjectStore OpenOne(StorageOptions options, string name) => new MeasuredStore(
        options.Kind == StorageKind.S3 ? new S3ObjectStore(options.S3) : new FileObjectStore(options.Folder!, options.FlushToDisk, options.OpenFiles, options.Foreign), name);
}
