using System.Buffers;
using Grid.Grains.Pyramids;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Slabs;
using Grid.Interfaces.Tiles;
using Grid.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;

namespace Grid.Grains.Tiles;

/// <summary>
/// Serves the tiles of one slab from memory. The first request reads the slab's header and index in one range read, each first request of
/// a tile its bytes in another; requests that wait for the same bytes share the read, and absent slabs and tiles are remembered as such.
/// </summary>
[HashBasedPlacement, CollectionAgeLimit(Minutes = 5)]
public sealed class SlabCacheGrain(
    [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids, TileCacheBudget budget, PyramidPlace place) : Grain, ISlabCacheGrain
{
    private readonly Dictionary<int, Task<CachedTile>> _reads = [];
    private Task<SlabFile>? _opening;
    private SlabFile? _file;
    private SlabTiles? _slab;

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_slab is { } slab)
            budget.Unregister(slab);
        return Task.CompletedTask;
    }

    // Interleaving is safe: a turn either answers from memory or joins a read that is already under way, and nothing is awaited
    // between looking for a read and registering one.
    public ValueTask<CachedTile> GetTileAsync(int tile, int tiles)
    {
        if (_slab is { } slab)
        {
            if (slab.PlaceOf(tile).Length == 0)
            {
                SlabCacheInstruments.None();
                return new ValueTask<CachedTile>(CachedTile.Missing);
            }

            if (slab.Find(tile) is { } bytes)
            {
                SlabCacheInstruments.Hit();
                return new ValueTask<CachedTile>(new CachedTile(bytes));
            }
        }

        if (_reads.TryGetValue(tile, out var running))
            return new ValueTask<CachedTile>(running);
        var read = ReadAsync(tile, tiles);
        if (read.IsCompleted)
            return read;
        // It goes on in a turn after this one, so it cannot take itself off the list before it is there.
        return new ValueTask<CachedTile>(_reads[tile] = read.AsTask());
    }

    public async Task<IReadOnlyList<double>> GetPixelAsync(int tile, int tiles, int column, int row)
    {
        var stored = await GetTileAsync(tile, tiles);
        if (!stored.Exists || _slab?.Header is not { Pixels: { } pixels } header)
            return [];
        if ((uint)column >= (uint)header.TileWidth || (uint)row >= (uint)header.TileHeight)
            throw new ArgumentOutOfRangeException(nameof(column), $"Pixel {column},{row} is not in a tile of {header.TileWidth} × {header.TileHeight}.");
        return await Task.Run(() => PixelOf(stored.Bytes.Span, header, pixels, (row * header.TileWidth) + column));
    }

    private static double[] PixelOf(ReadOnlySpan<byte> tile, SlabHeader header, PixelFormat format, int position)
    {
        var samples = ArrayPool<byte>.Shared.Rent(header.TileWidth * header.TileHeight * format.BytesPerPixel);
        try
        {
            var decoded = samples.AsSpan(0, header.TileWidth * header.TileHeight * format.BytesPerPixel);
            TileDecoder.Decode(header.TileCompression, tile, format, header.TileWidth, header.TileHeight, decoded);
            var values = new double[format.Channels];
            for (var channel = 0; channel < values.Length; channel++)
            {
                var at = ((position * format.Channels) + channel) * format.BytesPerSample;
                values[channel] = format.Sample == SampleType.UInt8 ? decoded[at] : BitConverter.ToSingle(decoded[at..]);
            }

            return values;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(samples);
        }
    }

    // A store may answer at once, from open files in the page cache: then all of it is one turn without a task.
    private async ValueTask<CachedTile> ReadAsync(int tile, int tiles)
    {
        try
        {
            var file = _file ?? await OpenAsync(tiles);
            var bytes = await file.ReadAsync(pyramids, tile);
            if (bytes.Length == 0)
            {
                SlabCacheInstruments.None();
                return CachedTile.Missing;
            }

            budget.Keep(file.Tiles, tile, bytes);
            SlabCacheInstruments.Read();
            return new CachedTile(bytes);
        }
        catch
        {
            SlabCacheInstruments.Failed();
            throw;
        }
        finally
        {
            _reads.Remove(tile);
        }
    }

    // Tiles that are asked for while the index is read wait for the same reading; a failed one does not stay for those who come later.
    private Task<SlabFile> OpenAsync(int tiles)
    {
        if (_opening is { IsCompleted: false } running)
            return running;
        return _opening = ReadIndexAsync(tiles);
    }

    private async Task<SlabFile> ReadIndexAsync(int tiles)
    {
        var file = await SlabFile.OpenAsync(pyramids, place, this.GetPrimaryKeyString(), tiles);
        budget.Register(_slab = file.Tiles);
        return _file = file;
    }
}
