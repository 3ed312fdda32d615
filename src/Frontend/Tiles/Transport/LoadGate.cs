namespace Grid.Frontend.Tiles.Transport;

/// <summary>
/// Decides how many of the requests that wait for a thread are refused, so that the others are answered in time and at the rate that the thread
/// reaches at best. A burst is served whole: refused is what would wait for longer than the limit in a queue that has stood for
/// <see cref="StandingMilliseconds"/> (after "Controlling Queue Delay", RFC 8289). Not for concurrent use; time comes from the caller.
/// </summary>
/// <param name="limitMilliseconds">How long a request may wait once there is overload.</param>
/// <param name="alertMilliseconds">How long after a refusal the next queue is taken for the same one: until those that were refused have come back.</param>
/// <param name="least">Requests that may wait at least, however slow the thread is.</param>
public sealed class LoadGate(int limitMilliseconds, int alertMilliseconds, int least)
{
    /// <summary>How long a queue stands before it is one.</summary>
    public const int StandingMilliseconds = 250;

    private const int LookMilliseconds = 5;

    // The rate is that of about so long: a thread that has to wait for the processor now and then is not slower for it.
    private const double RateMilliseconds = 100;

    private long _standingSince;
    private long _looked;
    private long _answeredThen;
    private double _perMillisecond;
    private long _alertUntil = long.MinValue;

    /// <summary>How many of the next requests to refuse.</summary>
    /// <param name="now">Milliseconds of any clock that goes on evenly.</param>
    /// <param name="isQueue">Whether more wait than are answered before the next look.</param>
    /// <param name="answered">Requests that have been served so far.</param>
    /// <param name="waiting">Counts those that wait.</param>
    public int Excess(long now, bool isQueue, long answered, Func<int> waiting)
    {
        if (!isQueue)
        {
            (_standingSince, _looked, _answeredThen) = (now, now, answered);
            return 0;
        }

        var passed = now - _looked;
        if (passed < LookMilliseconds)
            return 0;
        var rate = (answered - _answeredThen) / (double)passed;
        _perMillisecond += _perMillisecond == 0 ? rate : (rate - _perMillisecond) * passed / (passed + RateMilliseconds);
        (_looked, _answeredThen) = (now, answered);
        if (now >= _alertUntil && now - _standingSince < StandingMilliseconds)
            return 0;
        var excess = waiting() - Math.Max(least, (int)(_perMillisecond * limitMilliseconds));
        if (excess <= 0)
            return 0;
        _alertUntil = now + alertMilliseconds;
        return excess;
    }
}
