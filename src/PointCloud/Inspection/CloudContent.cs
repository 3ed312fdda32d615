using Grid.PointCloud.Las;

namespace Grid.PointCloud.Inspection;

/// <summary>What points of a file show, chunk by chunk; parts are added up in any order.</summary>
internal sealed unsafe class CloudContent
{
    private readonly PointFormat _format;

    public CloudContent(PointFormat format) => _format = format;

    public long Count { get; private set; }

    public long[] ByReturn { get; } = new long[16];

    public long[] ByClass { get; } = new long[256];

    /// <summary>Index of the first point of each class; <see cref="long.MaxValue"/> where there is none.</summary>
    public long[] FirstOfClass { get; } = [.. Enumerable.Repeat(long.MaxValue, 256)];

    public (int X, int Y, int Z) Min { get; private set; } = (int.MaxValue, int.MaxValue, int.MaxValue);

    public (int X, int Y, int Z) Max { get; private set; } = (int.MinValue, int.MinValue, int.MinValue);

    /// <summary>Points with a return number of 0 or beyond their number of returns.</summary>
    public Few OddReturns { get; } = new();

    /// <summary>Points whose coordinates are not within the header's bounds.</summary>
    public Few Outside { get; } = new();

    /// <summary>Points whose GPS time is no number.</summary>
    public Few OddTimes { get; } = new();

    public long ZeroTimes { get; private set; }

    /// <summary>Last returns: one a pulse.</summary>
    public long Pulses { get; private set; }

    /// <summary>The same for the same points in any order, and hardly ever for others.</summary>
    public ulong Fingerprint { get; private set; }

    /// <summary>Counts the points of a batch.</summary>
    /// <param name="least">The header's bounds before scale and offset, a unit of rounding granted.</param>
    /// <param name="most">Likewise.</param>
    public void Examine(PointBatch batch, (int X, int Y, int Z) least, (int X, int Y, int Z) most, Occupancy occupancy)
    {
        int length = _format.RecordLength, returnMask = _format.IsExtended ? 15 : 7, numberShift = _format.IsExtended ? 4 : 3;
        int classAt = _format.IsExtended ? 16 : 15, classMask = _format.IsExtended ? 255 : 31, timeAt = _format.GpsTimeOffset;
        int minX = int.MaxValue, minY = int.MaxValue, minZ = int.MaxValue, maxX = int.MinValue, maxY = int.MinValue, maxZ = int.MinValue;
        ulong fingerprint = 0;
        fixed (byte* records = batch.Records.Span)
        {
            var record = records;
            for (var i = 0; i < batch.Count; i++, record += length)
            {
                int x = ((int*)record)[0], y = ((int*)record)[1], z = ((int*)record)[2];
                (minX, maxX) = (Math.Min(minX, x), Math.Max(maxX, x));
                (minY, maxY) = (Math.Min(minY, y), Math.Max(maxY, y));
                (minZ, maxZ) = (Math.Min(minZ, z), Math.Max(maxZ, z));
                if (x < least.X | y < least.Y | z < least.Z | x > most.X | y > most.Y | z > most.Z)
                    Outside.Add(batch.FirstPoint + i);
                int number = record[14] & returnMask, returns = (record[14] >> numberShift) & returnMask;
                ByReturn[number]++;
                if (number == 0 || number > returns)
                    OddReturns.Add(batch.FirstPoint + i);
                if (number >= returns)
                {
                    Pulses++;
                    occupancy.Add(x, y);
                }

                var kind = record[classAt] & classMask;
                if (ByClass[kind]++ == 0 || batch.FirstPoint + i < FirstOfClass[kind])
                    FirstOfClass[kind] = Math.Min(FirstOfClass[kind], batch.FirstPoint + i);
                ulong time = 0;
                if (timeAt >= 0)
                {
                    time = *(ulong*)(record + timeAt);
                    if (time == 0)
                        ZeroTimes++;
                    else if (!double.IsFinite(BitConverter.UInt64BitsToDouble(time)))
                        OddTimes.Add(batch.FirstPoint + i);
                }

                var mixed = ((*(ulong*)record * 0x9E3779B97F4A7C15) ^ time) + ((*(ulong*)(record + 8) ^ (time >> 23)) * 0xC2B2AE3D27D4EB4F);
                fingerprint += (mixed ^ (mixed >> 29)) * 0xBF58476D1CE4E5B9;
            }
        }

        Count += batch.Count;
        Fingerprint += fingerprint;
        (Min, Max) = ((Math.Min(Min.X, minX), Math.Min(Min.Y, minY), Math.Min(Min.Z, minZ)), (Math.Max(Max.X, maxX), Math.Max(Max.Y, maxY), Math.Max(Max.Z, maxZ)));
    }

    public void Add(CloudContent other)
    {
        Count += other.Count;
        Pulses += other.Pulses;
        ZeroTimes += other.ZeroTimes;
        Fingerprint += other.Fingerprint;
        for (var i = 0; i < ByReturn.Length; i++)
            ByReturn[i] += other.ByReturn[i];
        for (var i = 0; i < ByClass.Length; i++)
            (ByClass[i], FirstOfClass[i]) = (ByClass[i] + other.ByClass[i], Math.Min(FirstOfClass[i], other.FirstOfClass[i]));
        (Min, Max) = (
            (Math.Min(Min.X, other.Min.X), Math.Min(Min.Y, other.Min.Y), Math.Min(Min.Z, other.Min.Z)),
            (Math.Max(Max.X, other.Max.X), Math.Max(Max.Y, other.Max.Y), Math.Max(Max.Z, other.Max.Z)));
        OddReturns.Add(other.OddReturns);
        Outside.Add(other.Outside);
        OddTimes.Add(other.OddTimes);
    }

    /// <summary>How many points have a fault, and which is the first.</summary>
    public sealed class Few
    {
        public long Count { get; private set; }

        public long First { get; private set; } = long.MaxValue;

        public void Add(long point) => (Count, First) = (Count + 1, Math.Min(First, point));

        public void Add(Few other) => (Count, First) = (Count + other.Count, Math.Min(First, other.First));
    }
}
