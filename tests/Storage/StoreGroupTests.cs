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

    [Fact]
    public async Task A_copy_between_stores_that_has_other_bytes_is_refused_with_both_digests()
    {
        using var group = new StoreGroup(_store.Main, new Dictionary<string, IObjectStore> { ["bad"] = new BitFlippingStore() });
        await _store.PutAsync("a/b", Bytes(1000));
        var refused = await Assert.ThrowsAsync<StorageException>(() => group.LinkAsync([new ObjectLink("a/b", "stores/bad/b")]));
        Assert.Contains(Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(Bytes(1000))), refused.Message);
    }

    /// <summary>Stores one bit otherwise than it came, as a broken disk would.</summary>
    private sealed class BitFlippingStore : IObjectStore
    {
        private byte[] _kept = [];

        public Task<ObjectInfo?> FindAsync(string key, CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task<int> ReadAsync(string key, long offset, Memory<byte> buffer, CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task<Stream> OpenReadAsync(string key, CancellationToken cancellation = default) => Task.FromResult<Stream>(new MemoryStream(_kept));

        public Task<ObjectInfo> PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) => throw new NotSupportedException();

        public async Task<ObjectInfo> PutAsync(string key, Stream content, CancellationToken cancellation = default)
        {
            using var memory = new MemoryStream();
            await content.CopyToAsync(memory, cancellation);
            _kept = memory.ToArray();
            _kept[500] ^= 1;
            return new ObjectInfo(key, _kept.Length, default, "a tag");
        }

        public Task LinkAsync(IReadOnlyList<ObjectLink> links, CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task DeleteAsync(string key, CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellation = default) => throw new NotSupportedException();

        public IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, CancellationToken cancellation = default) => throw new NotSupportedException();

        public string GdalPath(string key) => throw new NotSupportedException();
    }
}
