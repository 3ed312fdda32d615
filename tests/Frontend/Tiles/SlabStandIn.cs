using System.Text;
using Grid.Interfaces.Tiles;
using Orleans;

namespace Grid.Frontend.Tests.Tiles;

/// <summary>Slab caches whose tiles are made up: the slab's key and the tile's number as text, unless a test says otherwise.</summary>
internal sealed class SlabStandIn : IGrainFactory
{
    private int _calls;

    /// <summary>Calls of slab caches so far.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>What a slab cache answers.</summary>
    public Func<string, int, ValueTask<CachedTile>> Answer { get; set; } = (key, tile) => new(TileOf(key, tile));

    /// <summary>The values of any pixel.</summary>
    public Func<Task<IReadOnlyList<double>>> Pixel { get; set; } = () => Task.FromResult<IReadOnlyList<double>>([1, 2, 3]);

    public static CachedTile TileOf(string key, int tile) => new(Encoding.ASCII.GetBytes($"{key} {tile}"));

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => (TGrainInterface)(object)new Slab(this, primaryKey);

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => throw new NotSupportedException();

    private sealed class Slab(SlabStandIn slabs, string key) : ISlabCacheGrain
    {
        public ValueTask<CachedTile> GetTileAsync(int tile, int tiles)
        {
            Interlocked.Increment(ref slabs._calls);
            return slabs.Answer(key, tile);
        }

        public Task<IReadOnlyList<double>> GetPixelAsync(int tile, int tiles, int column, int row) => slabs.Pixel();
    }
}
