using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Tests;

public unsafe class CodingTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(13)]
    [InlineData(16)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(516)]
    [InlineData(1024)]
    public void Shares_and_their_search_are_those_of_a_plain_loop(int symbols)
    {
        var random = new Random(symbols);
        var arena = new ModelArena();
        var model = arena.Symbols(symbols);
        var counts = Enumerable.Repeat(1u, symbols).ToArray();
        uint total = 0, cycle = (uint)symbols;
        for (var round = 0; round < 60; round++)
        {
            // Said's rule, as written.
            total += cycle;
            if (total > 32768)
            {
                total = 0;
                for (var i = 0; i < symbols; i++)
                    total += counts[i] = (counts[i] + 1) >> 1;
            }

            var bounds = new uint[symbols + 1];
            uint scale = 0x80000000 / total, sum = 0;
            for (var i = 0; i < symbols; i++)
            {
                bounds[i] = (scale * sum) >> 16;
                sum += counts[i];
            }

            bounds[symbols] = 32768;

            cycle = round == 0 ? (uint)(symbols + 6) >> 1 : Math.Min((5 * cycle) >> 2, (uint)(symbols + 6) << 3);
            SymbolModel.Prepare(model);
            Assert.Equal(counts.SkipLast(1).Max(), counts[model->Likely]);
            Assert.Equal(bounds[model->Likely], (uint)model->LikelyLow);
            Assert.Equal(bounds[model->Likely + 1] - bounds[model->Likely], (uint)model->LikelyWidth);
            Assert.Equal(cycle, (uint)model->Until);
            for (var value = 0u; value < 32768; value += 1 + (uint)random.Next(200))
            {
                var expected = (uint)bounds.Count(bound => bound <= value) - 1;
                var part = (uint)random.Next(512, 131072);
                var at = (value * part) + (uint)random.Next((int)part);
                var found = symbols <= 256 ? SymbolModel.Find<SearchTo256>(model, at, part) : SymbolModel.Find<SearchTo1024>(model, at, part);
                Assert.Equal(expected, SymbolModel.At(model, found));
                Assert.Equal(found, SymbolModel.FindScalar(model, value));
                if (symbols <= 16)
                    Assert.Equal(found, SymbolModel.Find<SearchTo16>(model, at, part));
                if (symbols <= 256)
                    Assert.Equal(found, SymbolModel.Find<SearchTo16Or256>(model, at, part));
                if (symbols is > 8 and <= 33)
                    Assert.Equal(found, SymbolModel.Find<SearchTo33>(model, at, part));
                Assert.Equal(bounds[expected], SymbolModel.Low(model, expected));
            }

            for (var n = cycle; n > 0; n--)
            {
                var symbol = (uint)(random.NextDouble() * random.NextDouble() * symbols);
                counts[symbol]++;
                SymbolModel.Count(model, symbol);
            }
        }

        GC.KeepAlive(arena);
    }

    [Fact]
    public void Median_drops_the_greatest_and_the_least_in_turn()
    {
        var random = new Random(9);
        var arena = new ModelArena();
        var median = arena.Values<Median>(1);
        var values = new List<int> { 0, 0, 0, 0, 0 };
        var dropsGreatest = true;
        for (var i = 0; i < 5000; i++)
        {
            var value = random.Next(4) == 0 ? random.Next(int.MinValue, int.MaxValue) : random.Next(-6, 6);
            Assert.Equal(values[2], median->Value);
            var middle = values[2];
            values.RemoveAt(dropsGreatest ? 4 : 0);
            values.Add(value);
            values.Sort();
            dropsGreatest = dropsGreatest ? value < middle : value <= middle;
            Median.Add(median, value);
        }

        GC.KeepAlive(arena);
    }
}
