using Grid.Storage.FileSystem;
using Grid.Storage.S3;

namespace Grid.Storage;

/// <summary>Opens the store that the settings name.</summary>
public static class ObjectStores
{
    /// <summary>Opens a store. It is disposable: dispose it after its last use.</summary>
    /// <exception cref="StorageOptionsException">A setting is missing or impossible.</exception>
    /// <exception cref="StorageException">The folder cannot be used. A bucket is not asked for before its first use: see <see cref="S3ObjectStore.CheckAsync"/>.</exception>
    public static IObjectStore Open(StorageOptions options)
    {
        options.Validate();
        return options.Kind == StorageKind.S3
            ? new S3ObjectStore(options.S3)
            : new FileObjectStore(options.Folder!, options.FlushToDisk, options.OpenFiles);
    }
}
