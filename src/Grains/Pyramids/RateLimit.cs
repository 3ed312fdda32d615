namespace Grid.Grains.Pyramids;

/// <summary>Lets so many things happen in a second, and at most a tenth of them at once.</summary>
internal sealed class RateLimit(int perSecond)
{
    private double _allowed = perSecond / 10.0;
    private double _last;

    /// <summary>Whether one more may happen now.</summary>
    /// <param name="seconds">The time since some moment, never less than before.</param>
    public bool TryTake(double seconds)
    {
        _allowed = Math.Min(perSecond / 10.0, _allowed + ((seconds - _last) * perSecond));
        _last = seconds;
        if (_allowed < 1)
            return false;
        _allowed--;
        return true;
    }
}
