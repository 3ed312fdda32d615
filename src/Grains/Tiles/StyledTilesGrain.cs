using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Styles;
using Grid.Interfaces.Tiles;
using Grid.Tiling;
using Orleans;
using Orleans.Runtime;

namespace Grid.Grains.Tiles;

/// <summary>
/// Makes tiles of one slab in one style from the stored ones, which it asks of their slab caches, and keeps them. Requests that wait for the same tile
/// share its making; that there is nothing to show is remembered too.
/// </summary>
[CollectionAgeLimit(Minutes = 5)]
public sealed class StyledTilesGrain(IRasterStyles styles, TileCacheBudget budget) : Grain, IStyledTilesGrain
{
    private readonly Dictionary<int, Task<CachedTile>> _making = [];
    private readonly HashSet<int> _missing = [];
    private KeptTiles? _kept;
    private string _style = "";

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _style = StyledTilesKey.Parse(this.GetPrimaryKeyString()).Style;
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_kept is { } kept)
            budget.Unregister(kept);
        return Task.CompletedTask;
    }

    public ValueTask<CachedTile?> FindAsync(int tile) => new(Find(tile));

    // Interleaving is safe: nothing is awaited between looking for a tile in the making and registering one.
    public Task<CachedTile> MakeAsync(StyledTileOrder order)
    {
        if (Find(order.Tile) is { } known)
            return Task.FromResult(known);
        if (!_making.TryGetValue(order.Tile, out var making))
            _making[order.Tile] = making = MakeNewAsync(order);
        return making;
    }

    private CachedTile? Find(int tile) =>
        _missing.Contains(tile) ? CachedTile.Missing
        : _kept is { } kept && (uint)tile < (uint)kept.Count && kept.Find(tile) is { } bytes ? new CachedTile(bytes)
        : null;

    private async Task<CachedTile> MakeNewAsync(StyledTileOrder order)
    {
        // Yields first, so that the work is registered before it can end and take itself off the list.
        await Task.Yield();
        try
        {
            var style = await styles.FindAsync(_style, CancellationToken.None)
                ?? throw new InvalidDataException($"The style {_style} of slab {this.GetPrimaryKeyString()} is not in the catalogue.");
            var tiles = await ReadAsync(order, style.Margin);
            var pyramid = PyramidFormat.Parse(order.Format);
            var format = new StoredTileFormat(
                TileCompressions.Find(pyramid.Compression)!.Value,
                new PixelFormat(pyramid.SampleFormat == "FLOAT32" ? SampleType.Float32 : SampleType.UInt8, order.Nodata.Count),
                order.TileWidth, order.TileHeight, order.Nodata);
            var made = tiles[tiles.Length / 2].Data.IsEmpty ? null
                : await Task.Run(() => StyledTile.Make(style, format, tiles, order.CellWidthMetres, order.CellHeightMetres));
            if (made is null)
            {
                _missing.Add(order.Tile);
                return CachedTile.Missing;
            }

            if (_kept is null)
                budget.Register(_kept = new KeptTiles(order.Tiles));
            budget.Keep(_kept, order.Tile, made);
            return new CachedTile(made);
        }
        finally
        {
            _making.Remove(order.Tile);
        }
    }

    /// <summary>The tile, and its neighbours where the style looks at them and the tile itself is there.</summary>
    private async Task<StoredTile[]> ReadAsync(StyledTileOrder order, int margin)
    {
        var centre = await ReadAsync(order.Around[order.Around.Count / 2], order.Tiles);
        if (margin == 0 || centre.Data.IsEmpty)
            return [centre];
        var tiles = await Task.WhenAll(order.Around.Select((place, i) => i == order.Around.Count / 2 ? Task.FromResult(centre) : ReadAsync(place, order.Tiles)));
        return tiles;
    }

    private async Task<StoredTile> ReadAsync(TilePlace? place, int tiles)
    {
        if (place is null)
            return default;
        var data = await GrainFactory.GetGrain<ISlabCacheGrain>(place.Slab).GetTileAsync(place.Tile, tiles);
        if (!data.Exists || place.Mask is null)
            return new StoredTile(data.Bytes, null);
        var mask = await GrainFactory.GetGrain<ISlabCacheGrain>(place.Mask).GetTileAsync(place.Tile, tiles);
        // Masks of slabs that are full need not be stored: the value of nodata tells then.
        return new StoredTile(data.Bytes, mask.Exists ? mask.Bytes : null);
    }
}
