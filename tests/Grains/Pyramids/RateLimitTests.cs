using Grid.Grains.Pyramids;

namespace Grid.Grains.Tests.Pyramids;

public class RateLimitTests
{
    [Fact]
    public void A_tenth_may_happen_at_once_and_the_rest_over_the_second()
    {
        var limit = new RateLimit(150);
        Assert.Equal(15, Take(limit, 0));
        Assert.Equal(0, Take(limit, 0));
        var taken = Enumerable.Range(1, 100).Sum(hundredth => Take(limit, hundredth / 100.0));
        Assert.InRange(taken, 148, 150);
        // Time that passes unused is not kept.
        Assert.Equal(15, Take(limit, 60));
    }

    private static int Take(RateLimit limit, double seconds)
    {
        var taken = 0;
        while (limit.TryTake(seconds))
            taken++;
        return taken;
    }
}
