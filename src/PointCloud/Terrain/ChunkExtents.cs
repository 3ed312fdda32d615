using Grid.PointCloud.Copc;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Terrain;

/// <summary>The rectangles that a file's chunks lie in, learnt when chunks are read. Safe from any thread.</summary>
public sealed class ChunkExtents
{
    private readonly Box?[] _extents;

    internal ChunkExtents(int count) => _extents = new Box?[count];

    internal int Count => _extents.Length;

    /// <summary>False when it is known that a chunk has no point in a rectangle.</summary>
    internal bool MayMeet(int chunk, double west, double south, double east, double north)
    {
        lock (_extents)
            return _extents[chunk] is not { } known || (known.Min.X <= east && known.Max.X >= west && known.Min.Y <= north && known.Max.Y >= south);
    }

    internal unsafe void Learn(int chunk, PointBatch batch, LasHeader header)
    {
        int minX = int.MaxValue, minY = int.MaxValue, maxX = int.MinValue, maxY = int.MinValue;
        fixed (byte* records = batch.Records.Span)
        {
            var record = records;
            for (var i = 0; i < batch.Count; i++, record += batch.Format.RecordLength)
            {
                int x = ((int*)record)[0], y = ((int*)record)[1];
                (minX, maxX) = (Math.Min(minX, x), Math.Max(maxX, x));
                (minY, maxY) = (Math.Min(minY, y), Math.Max(maxY, y));
            }
        }

        var (scale, offset) = (header.Scale, header.Offset);
        // A unit more on each side, for the rounding of the product.
        var extent = new Box(
            new Xyz(((minX - 1.0) * scale.X) + offset.X, ((minY - 1.0) * scale.Y) + offset.Y, 0),
            new Xyz(((maxX + 1.0) * scale.X) + offset.X, ((maxY + 1.0) * scale.Y) + offset.Y, 0));
        lock (_extents)
            _extents[chunk] = extent;
    }
}
