using Grid.Grains.Tiles;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;
using Grid.Imaging.Styles;
using Grid.Interfaces.Tiles;
using Grid.Storage.FileSystem;
using Grid.Tiling;

namespace Grid.Grains.Tests.Tiles;

/// <summary>A slab of 2 × 2 deflated tiles of 8 × 8 heights: 0 and 1 are sound, 2 is damaged, 3 is not there.</summary>
public sealed class StyledTilesTests : IAsyncLifetime, IRasterStyles
{
    private const string Key = "pyramids/p/slab.tif", Style = "digest";
    private const int Side = 8;

    private static readonly PixelFormat s_heights = new(SampleType.Float32, 1);

    private readonly string _folder = Directory.CreateTempSubdirectory("grid-styled-").FullName;
    private FileObjectStore _files = null!;
    private WatchedStore _store = null!;
    private SiloHost _silo = null!;

    private IStyledTilesGrain Styled => _silo.Grains.GetGrain<IStyledTilesGrain>(new StyledTilesKey(Style, Key).ToString());

    public async Task InitializeAsync()
    {
        _files = new FileObjectStore(_folder, flushToDisk: false);
        _store = new WatchedStore(_files);
        using var writer = new SlabWriter(new SlabFormat(TileCompression.Zip, s_heights, new SlabSize(2, 2), [-99999], Side, Side));
        using (var encoder = TileEncoder.Create(TileCompression.Zip, s_heights, Side, Side))
        {
            writer.Add(0, encoder.Encode(Heights(0)));
            writer.Add(1, encoder.Encode(Heights(Side)));
        }

        writer.Add(2, "damaged"u8);
        using var slab = writer.Finish();
        await _files.PutAsync(Key, slab.Memory);
        _silo = await SiloHost.StartAsync(_store, styles: this);
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _files.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public ValueTask<IRasterStyle?> FindAsync(string identifier, CancellationToken cancellation) => ValueTask.FromResult(identifier == Style
        ? Rok4StyleJson.Read("""{ "identifier": "h", "title": "h", "estompage": {} }"""u8.ToArray(), "h").ToRasterStyle()
        : null);

    [Fact]
    public async Task Requests_that_come_together_make_a_tile_once_and_it_is_kept_within_the_budget()
    {
        Assert.Null(await Styled.FindAsync(0));
        var tiles = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Styled.MakeAsync(Order(0))));
        Assert.All(tiles, tile => Assert.Equal(tiles[0].Bytes, tile.Bytes));
        Assert.Equal(tiles[0].Bytes, (await Styled.FindAsync(0))!.Value.Bytes);
        // The index, the tile itself and the two neighbours that there are.
        Assert.Equal(4, _store.ReadCount);
        await _silo.Grains.GetGrain<ISlabCacheGrain>(Key).GetTileAsync(1, 4);
        Assert.True(_silo.Budget.Bytes > tiles[0].Bytes.Length);
        await Styled.MakeAsync(Order(0));
        Assert.Equal(4, _store.ReadCount);
    }

    [Fact]
    public async Task A_tile_beside_a_damaged_one_is_made_and_the_damaged_one_is_told()
    {
        Assert.True((await Styled.MakeAsync(Order(1))).Exists);
        await Assert.ThrowsAsync<TileCodecException>(() => Styled.MakeAsync(Order(2)));
        Assert.Null(await Styled.FindAsync(2));
    }

    [Fact]
    public async Task That_there_is_nothing_to_show_is_remembered()
    {
        Assert.False((await Styled.MakeAsync(Order(3))).Exists);
        var reads = _store.ReadCount;
        Assert.False((await Styled.FindAsync(3))!.Value.Exists);
        Assert.Equal(reads, _store.ReadCount);
    }

    [Fact]
    public async Task A_style_that_is_not_in_the_catalogue_is_named() => Assert.Contains("unknown", (await Assert.ThrowsAsync<InvalidDataException>(
        () => _silo.Grains.GetGrain<IStyledTilesGrain>(new StyledTilesKey("unknown", Key).ToString()).MakeAsync(Order(0)))).Message);

    private static StyledTileOrder Order(int tile) => new()
    {
        Tile = tile, Tiles = 4, Format = "TIFF_ZIP_FLOAT32", Nodata = [-99999], TileWidth = Side, TileHeight = Side, CellWidthMetres = 5, CellHeightMetres = 5,
        Around = [.. Enumerable.Range(0, 9).Select(i => ((tile % 2) + (i % 3) - 1, (tile / 2) + (i / 3) - 1)).Select(place =>
            place is ( >= 0 and < 2, >= 0 and < 2) ? new TilePlace(Key, null, (place.Item2 * 2) + place.Item1) : null)],
    };

    private static byte[] Heights(int left)
    {
        var samples = new byte[Side * Side * 4];
        for (var i = 0; i < Side * Side; i++)
            BitConverter.TryWriteBytes(samples.AsSpan(4 * i), 100f + ((left + (i % Side)) * 3) + (i / Side * i / Side));
        return samples;
    }
}
