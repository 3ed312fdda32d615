using Grid.Ogc.Ows;
using Grid.Ogc.Wmts;

namespace Grid.Ogc.Tests.Wmts;

public class WmtsTileQueryTests
{
    private const string Tile = "?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=SCAN&STYLE=grey&FORMAT=image/png&TILEMATRIXSET=LAMB93_10cm&TILEMATRIX=20&TILEROW=105450&TILECOL=13680";

    private static readonly string[] s_pieces =
    [
        "SERVICE=WMTS", "service=wmts", "SERVICE=WFS", "SERVICE=", "REQUEST=GetTile", "request=gettile", "REQUEST=GetFeatureInfo", "VERSION=1.0.0", "VERSION=1.1.0",
        "LAYER=SCAN", "layer=SCAN", "LAYER=NONE", "LAYER=S%43AN", "LA%59ER=SCAN", "STYLE=grey", "STYLE=", "style=colour", "STYLE=x", "FORMAT=image/png", "FORMAT=image%2Fpng",
        "FORMAT=image/jpeg", "TILEMATRIXSET=LAMB93_10cm", "TileMatrixSet=LAMB93_10cm_6_21", "TILEMATRIXSET=PM", "TILEMATRIX=20", "tilematrix=3", "TILEMATRIX=99",
        "TILEROW=105450", "TILEROW=5", "tilerow=-1", "TILEROW=x", "TILECOL=13680", "TILECOL=0", "TILECOL=+13680", "DPI=96", "a", "=b", "", "X=1?STYLE=colour", "TITLES=9",
    ];

    [Fact]
    public void Plain_tile_query_is_read()
    {
        Assert.Equal(TileQueryOutcome.Tile, WmtsTileQuery.Parse(Tile, Samples.Catalogue, out var tile, out _));
        Assert.Same(Samples.Scan, tile.Layer);
        Assert.Equal(("20", 13680, 105450), (tile.Level.Id, tile.Col, tile.Row));
        Assert.Equal(TileQueryOutcome.OutsideLimits, WmtsTileQuery.Parse(Tile + "0", Samples.Catalogue, out _, out _));
    }

    [Fact]
    public void Nothing_is_allocated_for_a_tile()
    {
        for (var i = 0; i < 100; i++)
            WmtsTileQuery.Parse(Tile, Samples.Catalogue, out _, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            WmtsTileQuery.Parse(Tile, Samples.Catalogue, out _, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>Random queries of right, odd and wrong pieces: the fast reader never says anything else than the careful one.</summary>
    [Fact]
    public void Fast_reader_agrees_with_the_careful_one()
    {
        const int Seed = 20;
        var random = new Random(Seed);
        var fast = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var pairs = Tile[1..].Split('&').OrderBy(_ => random.Next()).ToList();
            for (var change = random.Next(4); change > 0; change--)
            {
                if (random.Next(2) == 0)
                    pairs[random.Next(pairs.Count)] = s_pieces[random.Next(s_pieces.Length)];
                else
                    pairs.Insert(random.Next(pairs.Count), s_pieces[random.Next(s_pieces.Length)]);
            }

            var query = "?" + string.Join('&', pairs);
            var outcome = WmtsTileQuery.Parse(query, Samples.Catalogue, out var tile, out _);
            if (outcome == TileQueryOutcome.Other)
                continue;
            fast++;
            var valid = WmtsKvp.TryParse(KvpParameters.Parse(query), Samples.Catalogue, WmtsErrorMode.Strict, out var request, out var error);
            if (outcome == TileQueryOutcome.Tile)
                Assert.True(valid && request is GetTile careful && careful.Tile == tile, $"{query}: {error?.Text}");
            else
                Assert.True(error?.Code == "TileOutOfRange", query);
        }

        Assert.InRange(fast, 10_000, 60_000);
    }
}
