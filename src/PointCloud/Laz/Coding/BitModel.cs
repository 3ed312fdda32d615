using System.Runtime.CompilerServices;

namespace Grid.PointCloud.Laz.Coding;

/// <summary>The adaptive frequency of a bit (FastAC: shift 13, at most 8192 counts).</summary>
internal struct BitModel
{
    public const int Shift = 13;

    private uint _zeros;
    private uint _total;
    private uint _cycle;
    private uint _until;

    /// <summary>The share of the bit 0, of 8192.</summary>
    public uint Zero { get; private set; }

    public void Restart()
    {
        Zero = 1 << (Shift - 1);
        (_zeros, _total) = (1, 2);
        _cycle = _until = 4;
    }

    /// <summary>Counts a bit that was coded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Count(uint bit)
    {
        _zeros += 1 - bit;
        if (--_until == 0)
            Update();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Update()
    {
        _total += _cycle;
        if (_total > 1 << Shift)
        {
            _total = (_total + 1) >> 1;
            _zeros = (_zeros + 1) >> 1;
            if (_zeros == _total)
                _total++;
        }

        Zero = (_zeros * (0x80000000 / _total)) >> (31 - Shift);
        _cycle = Math.Min((5 * _cycle) >> 2, 64);
        _until = _cycle;
    }
}
