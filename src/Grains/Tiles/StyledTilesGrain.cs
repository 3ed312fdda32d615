using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;
using Grid.Imaging.Styles;
using Grid.Interfaces.Tiles;
using Grid.Tiling;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;

namespace Grid.Grains.Tiles;

/// <summary>
/// Makes tiles of one slab in one style from the stored ones, which it asks of their slab caches, and keeps them. Requests that wait for the same tile
/// share its making; that there is nothing to show is remembered too.
/// </summary>
[HashBasedPlacement, CollectionAgeLimit(Minutes = 5)]
public sealed class StyledTilesGrain(IRasterStyles styles, TileCacheBudget budget, TileEdgeCache edges) : Grain, IStyledTilesGrain
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
            var format = FormatOf(order);
            var place = order.Around[order.Around.Count / 2]!;
            var tile = await ReadAsync(place, order.Tiles);
            var around = style.Margin == 0 || tile.Data.IsEmpty ? [] : await AroundAsync(order, format);
            var made = tile.Data.IsEmpty ? null : await Task.Run(() =>
            {
                var png = StyledTile.Make(style, format, tile, around, order.CellWidthMetres, order.CellHeightMetres, out var own);
                if (own is not null)
                    edges.Keep(place.Slab, place.Tile, own);
                return png;
            });
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

    /// <summary>The edges of the neighbours: those that are kept, and those of tiles that are read and decoded for them.</summary>
    private Task<TileEdges[]> AroundAsync(StyledTileOrder order, StoredTileFormat format) => Task.WhenAll(
        order.Around.Where((_, i) => i != order.Around.Count / 2).Select(async place =>
        {
            if (place is null)
                return TileEdges.None;
            if (edges.Find(place.Slab, place.Tile) is { } known)
                return known;
            try
            {
                var tile = await ReadAsync(place, order.Tiles);
                var made = tile.Data.IsEmpty ? TileEdges.None : await Task.Run(() => TileEdges.Of(tile, format));
                edges.Keep(place.Slab, place.Tile, made);
                return made;
            }
            catch (Exception damaged) when (damaged is TileCodecException or InvalidSlabException)
            {
                // Whoever asks for that tile is told; beside it the data end.
                return TileEdges.None;
            }
        }));

    private static StoredTileFormat FormatOf(StyledTileOrder order)
    {
        var pyramid = PyramidFormat.Parse(order.Format);
        var pixels = new PixelFormat(pyramid.SampleFormat == "FLOAT32" ? SampleType.Float32 : SampleType.UInt8, order.Nodata.Count);
        return new StoredTileFormat(TileCompressions.Find(pyramid.Compression)!.Value, pixels, order.TileWidth, order.TileHeight, order.Nodata);
    }

    private async Task<StoredTile> ReadAsync(TilePlace place, int tiles)
    {
        var data = await GrainFactory.GetGrain<ISlabCacheGrain>(place.Slab).GetTileAsync(place.Tile, tiles);
        if (!data.Exists || place.Mask is null)
            return new StoredTile(data.Bytes, null);
        var mask = await GrainFactory.GetGrain<ISlabCacheGrain>(place.Mask).GetTileAsync(place.Tile, tiles);
        // Masks of slabs that are full need not be stored: the value of nodata tells then.
        return new StoredTile(data.Bytes, mask.Exists ? mask.Bytes : default(ReadOnlyMemory<byte>?));
    }
}
