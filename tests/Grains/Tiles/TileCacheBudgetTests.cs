using Grid.Grains.Tiles;
using Grid.Imaging.Slabs;

namespace Grid.Grains.Tests.Tiles;

public sealed class TileCacheBudgetTests
{
    private static readonly SlabTileIndex s_index = SlabTileIndex.Read([.. "II*\0"u8, .. new byte[SlabTileIndex.ReadLength(16) - 4]], 16);

    [Fact]
    public void Slabs_not_asked_for_longest_are_emptied_down_to_the_low_mark()
    {
        var budget = new TileCacheBudget(new TileCacheOptions { HighMarkBytes = 1000, LowMarkBytes = 600 });
        var slabs = Enumerable.Range(0, 4).Select(_ => Registered(budget)).ToList();
        foreach (var slab in slabs)
            budget.Keep(slab, 0, new byte[250]);
        Assert.Equal(1000, budget.Bytes);
        foreach (var slab in new[] { slabs[2], slabs[0], slabs[3], slabs[1] })
        {
            var before = Environment.TickCount64;
            Assert.True(SpinWait.SpinUntil(() => Environment.TickCount64 > before, TimeSpan.FromSeconds(5)));
            slab.Find(0);
        }

        budget.Keep(slabs[1], 1, new byte[50]);
        Assert.Equal([true, false, false, true], new[] { slabs[1], slabs[2], slabs[0], slabs[3] }.Select(slab => slab.Find(0) is not null));
        Assert.Equal(550, budget.Bytes);
    }

    [Fact]
    public void A_tile_kept_twice_counts_once_and_leaves_with_its_slab()
    {
        var budget = new TileCacheBudget(new TileCacheOptions());
        var slab = Registered(budget);
        budget.Keep(slab, 3, new byte[10]);
        budget.Keep(slab, 3, new byte[10]);
        Assert.Equal(10, budget.Bytes);
        budget.Unregister(slab);
        budget.Unregister(slab);
        Assert.Equal(0, budget.Bytes);
        budget.Keep(slab, 4, new byte[10]);
        Assert.Equal(0, budget.Bytes);
        Assert.Null(slab.Find(4));
    }

    [Fact]
    public async Task Counts_never_drift_under_concurrent_use()
    {
        var budget = new TileCacheBudget(new TileCacheOptions { HighMarkBytes = 20_000, LowMarkBytes = 5_000 });
        var slabs = Enumerable.Range(0, 50).Select(_ => Registered(budget)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 20_000; i++)
            {
                var slab = slabs[random.Next(slabs.Length)];
                switch (random.Next(20))
                {
                    case 0:
                        budget.Unregister(slab);
                        break;
                    case 1:
                        budget.Register(slab);
                        break;
                    default:
                        budget.Keep(slab, random.Next(16), new byte[random.Next(1, 100)]);
                        break;
                }
            }
        })));
        foreach (var slab in slabs)
        {
            budget.Register(slab);
            budget.Unregister(slab);
        }

        Assert.Equal(0, budget.Bytes);
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(11, 10)]
    public void Marks_that_make_no_sense_are_refused_by_name(long low, long high)
    {
        var error = Assert.Throws<ArgumentException>(() => new TileCacheBudget(new TileCacheOptions { LowMarkBytes = low, HighMarkBytes = high }));
        Assert.Contains("Grid:TileCache:LowMarkBytes", error.Message);
    }

    private static SlabTiles Registered(TileCacheBudget budget)
    {
        var slab = new SlabTiles(null, s_index);
        budget.Register(slab);
        return slab;
    }
}
