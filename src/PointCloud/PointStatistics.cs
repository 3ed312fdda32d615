using Grid.PointCloud.Las;

namespace Grid.PointCloud;

/// <summary>What a header says of the points: counts and bounds, of a part of a file or of all.</summary>
internal sealed class PointStatistics
{
    private int _minX = int.MaxValue, _minY = int.MaxValue, _minZ = int.MaxValue;
    private int _maxX = int.MinValue, _maxY = int.MinValue, _maxZ = int.MinValue;
    private double _minTime = double.PositiveInfinity, _maxTime = double.NegativeInfinity;

    public long Count { get; private set; }

    /// <summary>Points of return 1 to 15.</summary>
    public ulong[] ByReturn { get; } = new ulong[15];

    /// <summary>Least and greatest GPS time; both 0 without any.</summary>
    public (double Min, double Max) GpsTimes => _minTime <= _maxTime ? (_minTime, _maxTime) : (0, 0);

    public static unsafe PointStatistics Of(ReadOnlySpan<byte> records, PointFormat format)
    {
        var statistics = new PointStatistics { Count = records.Length / format.RecordLength };
        var returnMask = format.IsExtended ? 15 : 7;
        var time = format.GpsTimeOffset;
        Span<ulong> returns = stackalloc ulong[16];
        returns.Clear();
        fixed (byte* start = records)
        {
            int minX = int.MaxValue, minY = int.MaxValue, minZ = int.MaxValue, maxX = int.MinValue, maxY = int.MinValue, maxZ = int.MinValue;
            for (byte* record = start, end = start + records.Length; record < end; record += format.RecordLength)
            {
                int x = ((int*)record)[0], y = ((int*)record)[1], z = ((int*)record)[2];
                (minX, maxX) = (Math.Min(minX, x), Math.Max(maxX, x));
                (minY, maxY) = (Math.Min(minY, y), Math.Max(maxY, y));
                (minZ, maxZ) = (Math.Min(minZ, z), Math.Max(maxZ, z));
                returns[record[14] & returnMask]++;
                if (time >= 0)
                {
                    // Times that are not numbers change neither bound.
                    var t = *(double*)(record + time);
                    statistics._minTime = t < statistics._minTime ? t : statistics._minTime;
                    statistics._maxTime = t > statistics._maxTime ? t : statistics._maxTime;
                }
            }

            (statistics._minX, statistics._minY, statistics._minZ) = (minX, minY, minZ);
            (statistics._maxX, statistics._maxY, statistics._maxZ) = (maxX, maxY, maxZ);
        }

        returns[1..].CopyTo(statistics.ByReturn);
        return statistics;
    }

    public void Add(PointStatistics other)
    {
        Count += other.Count;
        for (var i = 0; i < ByReturn.Length; i++)
            ByReturn[i] += other.ByReturn[i];
        (_minX, _minY, _minZ) = (Math.Min(_minX, other._minX), Math.Min(_minY, other._minY), Math.Min(_minZ, other._minZ));
        (_maxX, _maxY, _maxZ) = (Math.Max(_maxX, other._maxX), Math.Max(_maxY, other._maxY), Math.Max(_maxZ, other._maxZ));
        (_minTime, _maxTime) = (Math.Min(_minTime, other._minTime), Math.Max(_maxTime, other._maxTime));
    }

    /// <summary>The header with these counts and bounds.</summary>
    public LasHeader Complete(LasHeader header)
    {
        header = header with { PointCount = (ulong)Count, PointsByReturn = ByReturn };
        if (Count == 0)
            return header with { Min = default, Max = default };
        var (scale, offset) = (header.Scale, header.Offset);
        return header with
        {
            Min = new Xyz((_minX * scale.X) + offset.X, (_minY * scale.Y) + offset.Y, (_minZ * scale.Z) + offset.Z),
            Max = new Xyz((_maxX * scale.X) + offset.X, (_maxY * scale.Y) + offset.Y, (_maxZ * scale.Z) + offset.Z),
            TimeOffset = _minTime <= _maxTime ? (_maxTime, _minTime, header.TimeOffset.Offset) : header.TimeOffset,
        };
    }

    public void Write(BinaryWriter writer)
    {
        writer.Write(Count);
        foreach (var count in ByReturn)
            writer.Write(count);
        foreach (var bound in (ReadOnlySpan<int>)[_minX, _minY, _minZ, _maxX, _maxY, _maxZ])
            writer.Write(bound);
        writer.Write(_minTime);
        writer.Write(_maxTime);
    }

    public static PointStatistics Read(BinaryReader reader)
    {
        var statistics = new PointStatistics { Count = reader.ReadInt64() };
        for (var i = 0; i < statistics.ByReturn.Length; i++)
            statistics.ByReturn[i] = reader.ReadUInt64();
        (statistics._minX, statistics._minY, statistics._minZ) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        (statistics._maxX, statistics._maxY, statistics._maxZ) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        (statistics._minTime, statistics._maxTime) = (reader.ReadDouble(), reader.ReadDouble());
        return statistics;
    }
}
