using Grid.Frontend.Tiles.Transport;

namespace Grid.Frontend.Tests.Tiles;

/// <summary>How many requests a thread refuses that answers 20 a millisecond.</summary>
public sealed class LoadGateTests
{
    private const int PerMillisecond = 20;
    private const int LooksAtABurst = (LoadGate.StandingMilliseconds / 10) - 1;

    private readonly LoadGate _gate = new(limitMilliseconds: 5, alertMilliseconds: 3000, least: 32);
    private long _now = 1_000_000;
    private long _answered;
    private bool _isCounted;

    [Fact]
    public void A_burst_is_served_whole()
    {
        Look(isQueue: false, waiting: 0);
        for (var i = 0; i < LooksAtABurst; i++)
            Assert.Equal(0, Look(isQueue: true, waiting: 1600));
        // It has no end: it was none.
        Assert.Equal(0, Look(isQueue: false, waiting: 3));
        for (var i = 0; i < LooksAtABurst; i++)
            Assert.Equal(0, Look(isQueue: true, waiting: 1600));
        Assert.False(_isCounted);
    }

    [Fact]
    public void Of_a_queue_that_stands_those_are_refused_who_would_wait_for_longer_than_the_limit()
    {
        Stand();
        Assert.Equal(1600 - (5 * PerMillisecond), Look(isQueue: true, waiting: 1600));
        Assert.Equal(0, Look(isQueue: true, waiting: 5 * PerMillisecond));
        Assert.Equal(7, Look(isQueue: true, waiting: (5 * PerMillisecond) + 7));
    }

    [Fact]
    public void Those_who_come_back_while_there_is_overload_are_not_waited_for_again()
    {
        Stand();
        Look(isQueue: true, waiting: 1600);
        for (var i = 0; i < 200; i++)
            Assert.Equal(0, Look(isQueue: false, waiting: 4));
        Assert.Equal(900, Look(isQueue: true, waiting: 1000));
        // Nothing has been refused for so long that it is over.
        for (var i = 0; i < 301; i++)
            Assert.Equal(0, Look(isQueue: false, waiting: 4));
        Assert.Equal(0, Look(isQueue: true, waiting: 1000));
    }

    [Fact]
    public void A_thread_that_had_to_wait_for_a_processor_refuses_no_more_than_before()
    {
        Stand();
        _now += 10;
        var excess = _gate.Excess(_now, isQueue: true, _answered, () => 200);
        Assert.InRange(excess, 100, 110);
    }

    [Fact]
    public void However_slow_the_thread_some_may_wait()
    {
        for (var i = 0; i < 200; i++)
        {
            _now += 10;
            _answered++;
            Assert.Equal(0, _gate.Excess(_now, isQueue: true, _answered, () => 32));
        }
    }

    private void Stand()
    {
        Look(isQueue: false, waiting: 0);
        for (var i = 0; i < LooksAtABurst; i++)
            Look(isQueue: true, waiting: 1600);
    }

    private int Look(bool isQueue, int waiting)
    {
        _now += 10;
        _answered += 10 * PerMillisecond;
        return _gate.Excess(_now, isQueue, _answered, () =>
        {
            _isCounted = true;
            return waiting;
        });
    }
}
