using System.Buffers;
using System.Buffers.Binary;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Geodesy;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Tiles3D;

/// <summary>Makes the glTF file of an octant's points, in their order.</summary>
internal static class PointTile
{
    /// <summary>Attributes that a tile is made of; colours are read too where the format has them.</summary>
    public const PointFields Fields = PointFields.Z | PointFields.Classification | PointFields.Intensity | PointFields.Color;

    /// <summary>Classes of LAS 1.4 R15, table 17, and of LiDAR HD: birds and echoes from below the ground would stretch a legend.</summary>
    private const int LowNoise = 7, HighNoise = 18, Artefact = 65;

    /// <summary>Shorter sides are drawn as long as this, in metres: a step of 0 has no inverse, which viewers need.</summary>
    private const double ShortestSide = 0.001;

    private const double Steps = ushort.MaxValue;

    /// <summary>Writes the tile of a batch, which is not empty.</summary>
    /// <returns>A box that holds every position in the file.</returns>
    /// <exception cref="UnplacedPointException">The cloud's CRS has no place for one of them.</exception>
    public static Box Write(IBufferWriter<byte> output, PointBatch batch, LasHeader header, in TileSetting setting, TileStatistics statistics)
    {
        var count = batch.Count;
        var places = ArrayPool<double>.Shared.Rent(3 * count);
        try
        {
            var geoidHeight = Place(batch, header, setting, places, statistics);
            var (min, max) = BoundsOf(places.AsSpan(0, 3 * count));
            var step = new Xyz(StepOf(max.X - min.X), StepOf(max.Y - min.Y), StepOf(max.Z - min.Z));
            // glTF's axes: x east, y up, z south.
            var placement = new GltfPlacement(
                [min.X, min.Z, -max.Y],
                [step.X, step.Z, step.Y],
                [Quantize(max.X - min.X, step.X), Quantize(max.Z - min.Z, step.Z), Quantize(max.Y - min.Y, step.Y)]);
            var colors = setting.HasColor ? LinearColors.Of(setting.HasEightBitColor) : null;
            GltfPoints.Write(output, count, setting.HasColor, placement, geoidHeight, (bytes, n) =>
            {
                WritePositions(bytes, places.AsSpan(0, 3 * n), min, max, step);
                bytes = bytes[(n * GltfPoints.PositionBytes)..];
                if (colors is not null)
                {
                    WriteColors(bytes, batch, colors);
                    bytes = bytes[(n * GltfPoints.ColorBytes)..];
                }

                WriteScalars(bytes, batch, statistics);
            });
            return new Box(min, max);
        }
        finally
        {
            ArrayPool<double>.Shared.Return(places);
        }
    }

    /// <summary>Whether the colours of a batch have 8 bits, as far as it can tell: none is larger.</summary>
    public static bool HasEightBitColor(PointBatch batch)
    {
        for (var i = 0; i < batch.Count; i++)
        {
            var point = batch[i];
            if ((point.Red | point.Green | point.Blue) > byte.MaxValue)
                return false;
        }

        return true;
    }

    private static double Place(PointBatch batch, LasHeader header, in TileSetting setting, double[] places, TileStatistics statistics)
    {
        var records = batch.Records.Span;
        var length = batch.Format.RecordLength;
        int minX = int.MaxValue, minY = minX, minZ = minX, maxX = int.MinValue, maxY = maxX, maxZ = maxX, lowest = minX, highest = maxX;
        for (var rest = records; !rest.IsEmpty; rest = rest[length..])
        {
            var point = new PointRecord(rest, batch.Format);
            (minX, maxX) = (Math.Min(minX, point.X), Math.Max(maxX, point.X));
            (minY, maxY) = (Math.Min(minY, point.Y), Math.Max(maxY, point.Y));
            (minZ, maxZ) = (Math.Min(minZ, point.Z), Math.Max(maxZ, point.Z));
            if (point.Classification is not (LowNoise or HighNoise or Artefact))
                (lowest, highest) = (Math.Min(lowest, point.Z), Math.Max(highest, point.Z));
        }

        var (scale, offset) = (header.Scale, header.Offset);
        var min = new Xyz((minX * scale.X) + offset.X, (minY * scale.Y) + offset.Y, (minZ * scale.Z) + offset.Z);
        var max = new Xyz((maxX * scale.X) + offset.X, (maxY * scale.Y) + offset.Y, (maxZ * scale.Z) + offset.Z);
        if (lowest <= highest)
            statistics.AddHeights((lowest * scale.Z) + offset.Z, (highest * scale.Z) + offset.Z);
        using var lattice = new FrameLattice(setting.Frame, setting.Transform, min, max);
        for (var i = 0; i < batch.Count; i++)
        {
            var point = new PointRecord(records[(i * length)..], batch.Format);
            var place = lattice.Place((point.X * scale.X) + offset.X, (point.Y * scale.Y) + offset.Y, (point.Z * scale.Z) + offset.Z);
            (places[3 * i], places[(3 * i) + 1], places[(3 * i) + 2]) = (place.X, place.Y, place.Z);
        }

        Span<double> x = [(min.X + max.X) / 2];
        Span<double> y = [(min.Y + max.Y) / 2];
        Span<double> z = [min.Z];
        setting.Transform(x, y, z);
        return double.IsFinite(z[0]) ? z[0] - min.Z : 0;
    }

    private static void WritePositions(Span<byte> bytes, ReadOnlySpan<double> places, Xyz min, Xyz max, Xyz step)
    {
        for (; places.Length >= 3; places = places[3..], bytes = bytes[GltfPoints.PositionBytes..])
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, Quantize(places[0] - min.X, step.X));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], Quantize(places[2] - min.Z, step.Z));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], Quantize(max.Y - places[1], step.Y));
        }
    }

    private static void WriteColors(Span<byte> bytes, PointBatch batch, ushort[] linear)
    {
        var records = batch.Records.Span;
        var length = batch.Format.RecordLength;
        for (var i = 0; i < batch.Count; i++)
        {
            var point = new PointRecord(records[(i * length)..], batch.Format);
            var color = bytes[(i * GltfPoints.ColorBytes)..];
            // Eight bits are what the even subsample at the root has; a stray value beyond them is as bright as can be.
            BinaryPrimitives.WriteUInt16LittleEndian(color, linear[Math.Min(point.Red, linear.Length - 1)]);
            BinaryPrimitives.WriteUInt16LittleEndian(color[2..], linear[Math.Min(point.Green, linear.Length - 1)]);
            BinaryPrimitives.WriteUInt16LittleEndian(color[4..], linear[Math.Min(point.Blue, linear.Length - 1)]);
        }
    }

    private static void WriteScalars(Span<byte> bytes, PointBatch batch, TileStatistics statistics)
    {
        var column = batch.Count * GltfPoints.ScalarBytes;
        var records = batch.Records.Span;
        var length = batch.Format.RecordLength;
        for (var i = 0; i < batch.Count; i++)
        {
            var point = new PointRecord(records[(i * length)..], batch.Format);
            var at = i * GltfPoints.ScalarBytes;
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[at..], point.Intensity);
            bytes[column + at] = point.Classification;
            bytes[(2 * column) + at] = (byte)point.ReturnNumber;
            statistics.Add(point);
        }
    }

    private static (Xyz Min, Xyz Max) BoundsOf(ReadOnlySpan<double> places)
    {
        double minX = double.PositiveInfinity, minY = minX, minZ = minX, maxX = double.NegativeInfinity, maxY = maxX, maxZ = maxX;
        for (var i = 0; i < places.Length; i += 3)
        {
            (minX, maxX) = (Math.Min(minX, places[i]), Math.Max(maxX, places[i]));
            (minY, maxY) = (Math.Min(minY, places[i + 1]), Math.Max(maxY, places[i + 1]));
            (minZ, maxZ) = (Math.Min(minZ, places[i + 2]), Math.Max(maxZ, places[i + 2]));
        }

        return (new Xyz(minX, minY, minZ), new Xyz(maxX, maxY, maxZ));
    }

    private static double StepOf(double side) => Math.Max(side, ShortestSide) / Steps;

    private static ushort Quantize(double offset, double step) => (ushort)Math.Min(Math.Round(offset / step), Steps);
}

/// <summary>What all tiles of a tileset have in common.</summary>
internal readonly record struct TileSetting(LocalFrame Frame, GeodeticTransform Transform, bool HasColor, bool HasEightBitColor);
