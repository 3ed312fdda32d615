using Grid.Grains.Pyramids;
using Grid.Grains.Tiles;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;
using Grid.Interfaces.Tiles;
using Grid.Storage;
using Grid.Storage.FileSystem;
using Grid.Tiling;

namespace Grid.Grains.Tests.Tiles;

/// <summary>Slabs of 2 × 2 raw tiles of 2 × 2 pixels: tile 0 holds the samples 0 to 11, tile 3 those from 100 on, the others nothing.</summary>
public sealed class SlabCacheTests : IAsyncLifetime
{
    private const string Key = "pyramids/p/slab.tif";
    private const int Tiles = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-slabs-").FullName;
    private FileObjectStore _files = null!;
    private WatchedStore _store = null!;
    private SiloHost _silo = null!;

    private ISlabCacheGrain Cache => _silo.Grains.GetGrain<ISlabCacheGrain>(Key);

    public async Task InitializeAsync()
    {
        _files = new FileObjectStore(_folder, flushToDisk: false);
        _store = new WatchedStore(_files);
        using var writer = new SlabWriter(new SlabFormat(TileCompression.Raw, new PixelFormat(SampleType.UInt8, 3), new SlabSize(2, 2), [0, 0, 0], 2, 2));
        writer.Add(0, Samples(0));
        writer.Add(3, Samples(100));
        using var slab = writer.Finish();
        await _files.PutAsync(Key, slab.Memory);
        _silo = await SiloHost.StartAsync(_store, cache: new TileCacheOptions { HighMarkBytes = 20, LowMarkBytes = 0 });
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _files.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Concurrent_misses_make_one_read_of_the_index_and_one_a_tile()
    {
        var opened = new TaskCompletionSource();
        _store.BeforeRead = _ => opened.Task;
        var calls = Enumerable.Range(0, 100).Select(_ => Cache.GetTileAsync(0, Tiles).AsTask()).ToList();
        opened.SetResult();
        Assert.All(await Task.WhenAll(calls), tile => Assert.Equal(Samples(0), tile.Bytes.ToArray()));
        Assert.Equal(2, _store.ReadCount);
        Assert.Equal(Samples(0), (await Cache.GetTileAsync(0, Tiles)).Bytes.ToArray());
        Assert.Equal(2, _store.ReadCount);
    }

    [Fact]
    public async Task Tiles_of_a_cache_that_does_not_answer_are_read_from_the_store()
    {
        var stuck = new TaskCompletionSource();
        _store.BeforeRead = _ => stuck.Task;
        var reads = new SlabReads(_files, new PyramidPlace(null), new TileCacheOptions { PatienceMilliseconds = 1 }, isOneOfMany: true);

        Assert.Equal(Samples(0), (await reads.GetAsync(Cache, 0, Tiles)).Bytes.ToArray());
        Assert.Equal(Samples(100), (await reads.GetAsync(Cache, 3, Tiles)).Bytes.ToArray());
        Assert.False((await reads.GetAsync(Cache, 1, Tiles)).Exists);
        Assert.False((await reads.GetAsync(_silo.Grains.GetGrain<ISlabCacheGrain>("pyramids/p/absent.tif"), 1, Tiles)).Exists);
        Assert.Single(_store.Reads, read => read.Key.Key == Key);

        var patient = new SlabReads(_files, new PyramidPlace(null), new TileCacheOptions(), isOneOfMany: false).GetAsync(Cache, 3, Tiles).AsTask();
        Assert.False(patient.IsCompleted);
        stuck.SetResult();
        Assert.Equal(Samples(100), (await patient).Bytes.ToArray());
    }

    [Fact]
    public async Task Absent_tiles_and_slabs_cost_no_further_read()
    {
        for (var i = 0; i < 3; i++)
            Assert.False((await Cache.GetTileAsync(1, Tiles)).Exists);
        Assert.Equal(1, _store.ReadCount);
        var absent = _silo.Grains.GetGrain<ISlabCacheGrain>("pyramids/p/none.tif");
        for (var tile = 0; tile < 3; tile++)
            Assert.False((await absent.GetTileAsync(tile, Tiles)).Exists);
        Assert.Empty(await absent.GetPixelAsync(0, Tiles, 0, 0));
        Assert.Equal(2, _store.ReadCount);
    }

    [Fact]
    public async Task An_object_that_links_to_a_slab_has_its_tiles_and_links_are_followed_once()
    {
        await _files.PutAsync("pyramids/q/link", "SYMLINK#anything/pyramids/p/slab.tif"u8.ToArray());
        await _files.PutAsync("pyramids/q/chain", "SYMLINK#anything/pyramids/q/link"u8.ToArray());
        await _files.PutAsync("pyramids/q/out", "SYMLINK#anything/../../etc/passwd"u8.ToArray());
        await _files.PutAsync("pyramids/q/other", "SYMLINK#anything/uploads/u/secret.tif"u8.ToArray());
        var linked = _silo.Grains.GetGrain<ISlabCacheGrain>("pyramids/q/link");
        Assert.Equal(Samples(100), (await linked.GetTileAsync(3, Tiles)).Bytes.ToArray());
        Assert.Equal([100.0, 101, 102], await linked.GetPixelAsync(3, Tiles, 0, 0));
        foreach (var (key, sentence) in ((string, string)[])[("chain", "which is a link itself"), ("out", "which is no slab's name"), ("other", "which is no slab's name")])
        {
            var refused = await Assert.ThrowsAsync<InvalidSlabException>(async () => await _silo.Grains.GetGrain<ISlabCacheGrain>($"pyramids/q/{key}").GetTileAsync(0, Tiles));
            Assert.Contains(sentence, refused.Message);
        }
    }

    [Fact]
    public async Task Emptied_tiles_are_read_again()
    {
        await Cache.GetTileAsync(0, Tiles);
        Assert.Equal(12, _silo.Budget.Bytes);
        Assert.Equal(Samples(100), (await Cache.GetTileAsync(3, Tiles)).Bytes.ToArray());
        Assert.Equal(0, _silo.Budget.Bytes);
        Assert.Equal(Samples(0), (await Cache.GetTileAsync(0, Tiles)).Bytes.ToArray());
        Assert.Equal(4, _store.ReadCount);
    }

    [Fact]
    public async Task A_read_error_is_not_remembered()
    {
        _store.BeforeRead = key => throw new StorageException($"{key}: the store is away");
        await Assert.ThrowsAsync<StorageException>(() => Cache.GetTileAsync(0, Tiles).AsTask());
        await Assert.ThrowsAsync<StorageException>(() => Cache.GetPixelAsync(3, Tiles, 0, 0));
        _store.BeforeRead = _ => Task.CompletedTask;
        Assert.Equal(Samples(0), (await Cache.GetTileAsync(0, Tiles)).Bytes.ToArray());
    }

    [Fact]
    public async Task Pixels_are_the_samples_of_the_tile()
    {
        Assert.Equal([9, 10, 11], await Cache.GetPixelAsync(0, Tiles, 1, 1));
        Assert.Equal([103, 104, 105], await Cache.GetPixelAsync(3, Tiles, 1, 0));
        Assert.Empty(await Cache.GetPixelAsync(2, Tiles, 0, 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Cache.GetPixelAsync(0, Tiles, 2, 0));
    }

    [Fact]
    public async Task A_slab_that_leaves_gives_its_bytes_back()
    {
        await Cache.GetTileAsync(0, Tiles);
        Assert.Equal(12, _silo.Budget.Bytes);
        await _silo.Engine.StopAsync(CancellationToken.None);
        Assert.Equal(0, _silo.Budget.Bytes);
    }

    private static byte[] Samples(int first) => [.. Enumerable.Range(first, 12).Select(sample => (byte)sample)];
}
