using Grid.Storage.FileSystem;

namespace Grid.Storage.Tests;

/// <summary>A group keeps a store's promises in each of its stores, and copies between them.</summary>
public sealed class StoreGroupTests : ObjectStorePromises, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("grid-stores-").FullName;
    private readonly StoreGroup _store;

    public StoreGroupTests() => _store = (StoreGroup)ObjectStores.Open(new StorageOptions
    {
        Folder = Path.Combine(_folder, "main"),
        FlushToDisk = false,
        Others = { ["cold"] = new StorageOptions { Folder = Path.Combine(_folder, "cold"), FlushToDisk = false } },
    });

    protected override IObjectStore Store => _store;

    public void Dispose()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Keys_that_name_a_store_are_in_it_and_links_go_over_to_it()
    {
        var cold = StoreGroup.PrefixOf("cold");
        await _store.PutAsync("a/b", Bytes(100_000));

        await _store.LinkAsync([new ObjectLink("a/b", cold + "a/b"), new ObjectLink("a/b", "a/c"), new ObjectLink("a/b", cold + "c")]);
        await _store.LinkAsync([new ObjectLink(cold + "c", cold + "d"), new ObjectLink(cold + "c", "back")]);
        await _store.DeleteAsync("a/b");

        foreach (var key in (string[])[cold + "a/b", "a/c", cold + "c", cold + "d", "back"])
            Assert.Equal(Bytes(100_000), await ReadWholeAsync(key));
        Assert.True(File.Exists(Path.Combine(_folder, "cold", cold, "a/b")));
        Assert.False(Directory.Exists(Path.Combine(_folder, "main/stores")));
        var listed = new List<string>();
        await foreach (var found in _store.ListAsync(cold))
            listed.Add(found.Key);
        Assert.Equal([cold + "a/b", cold + "c", cold + "d"], listed);
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => _store.LinkAsync([new ObjectLink("a/b", cold + "e")]));
    }

    [Fact]
    public async Task A_store_that_the_settings_do_not_name_is_said_so()
    {
        Assert.Contains("\"warm\"", (await Assert.ThrowsAsync<StorageException>(() => _store.FindAsync("stores/warm/a"))).Message);
        Assert.Contains("Grid:Storage:Others:Warm", Assert.Throws<StorageOptionsException>(
            () => ObjectStores.Open(new StorageOptions { Folder = _folder, Others = { ["Warm"] = new StorageOptions { Folder = _folder } } })).Message);
        Assert.Contains("The store warm", Assert.Throws<StorageOptionsException>(
            () => ObjectStores.Open(new StorageOptions { Folder = _folder, Others = { ["warm"] = new StorageOptions() } })).Message);
    }
}
