using System.Buffers.Binary;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Tiles3D;

/// <summary>What a viewer's legend and its scales of colour need to know of the points of a tileset.</summary>
public sealed class TileStatistics
{
    /// <summary>Values of intensity in a bin of the histogram.</summary>
    public const int IntensitiesPerBin = 64;

    internal const int Bytes = 8 * (256 + (65536 / IntensitiesPerBin) + 2);

    /// <summary>Points of each class.</summary>
    public long[] ByClass { get; } = new long[256];

    /// <summary>Points of each bin of <see cref="IntensitiesPerBin"/> intensities.</summary>
    public long[] ByIntensity { get; } = new long[65536 / IntensitiesPerBin];

    /// <summary>Least height of points that are no noise, in the cloud's own system; above <see cref="MaxZ"/> when there are none.</summary>
    public double MinZ { get; private set; } = double.PositiveInfinity;

    public double MaxZ { get; private set; } = double.NegativeInfinity;

    public long Count => ByClass.Sum();

    public void Add(TileStatistics other)
    {
        for (var i = 0; i < ByClass.Length; i++)
            ByClass[i] += other.ByClass[i];
        for (var i = 0; i < ByIntensity.Length; i++)
            ByIntensity[i] += other.ByIntensity[i];
        (MinZ, MaxZ) = (Math.Min(MinZ, other.MinZ), Math.Max(MaxZ, other.MaxZ));
    }

    /// <summary>The intensity below which a share of the points lies, to the bin's width.</summary>
    public int Intensity(double share)
    {
        var (wanted, seen) = (Count * share, 0L);
        for (var bin = 0; bin < ByIntensity.Length; bin++)
        {
            seen += ByIntensity[bin];
            if (seen >= wanted && seen > 0)
                return Math.Min((bin + (share > 0.5 ? 1 : 0)) * IntensitiesPerBin, ushort.MaxValue);
        }

        return 0;
    }

    internal void Add(PointRecord point)
    {
        ByClass[point.Classification]++;
        ByIntensity[point.Intensity / IntensitiesPerBin]++;
    }

    internal void AddHeights(double min, double max) => (MinZ, MaxZ) = (Math.Min(MinZ, min), Math.Max(MaxZ, max));

    internal void Write(Span<byte> bytes)
    {
        foreach (var count in (IEnumerable<long>)[.. ByClass, .. ByIntensity])
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, count);
            bytes = bytes[8..];
        }

        BinaryPrimitives.WriteDoubleLittleEndian(bytes, MinZ);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[8..], MaxZ);
    }

    internal static TileStatistics Read(ReadOnlySpan<byte> bytes)
    {
        var statistics = new TileStatistics();
        foreach (var counts in (long[][])[statistics.ByClass, statistics.ByIntensity])
        {
            for (var i = 0; i < counts.Length; i++, bytes = bytes[8..])
                counts[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        }

        (statistics.MinZ, statistics.MaxZ) = (BinaryPrimitives.ReadDoubleLittleEndian(bytes), BinaryPrimitives.ReadDoubleLittleEndian(bytes[8..]));
        return statistics;
    }
}
