using System.Buffers.Binary;
using Grid.PointCloud.Las;

namespace Grid.PointCloud.Copc;

/// <summary>What a COPC file's first record says (COPC 1.0, "info VLR").</summary>
/// <param name="Spacing">Distance between points of the root octant, in units of the CRS; it halves with each level.</param>
/// <param name="RootPage">Where the hierarchy's first page is.</param>
/// <param name="MinGpsTime">Least GPS time of all points.</param>
/// <param name="MaxGpsTime">Greatest GPS time of all points.</param>
public sealed record CopcInfo(Cube Cube, double Spacing, CopcPage RootPage, double MinGpsTime, double MaxGpsTime)
{
    internal const string UserId = "copc";
    internal const ushort InfoRecord = 1, HierarchyRecord = 1000;
    internal const int ContentBytes = 160;

    /// <summary>The coarsest level whose points are at most so far from each other.</summary>
    /// <param name="resolution">In units of the CRS, above 0.</param>
    public int LevelOf(double resolution) => Math.Clamp((int)Math.Ceiling(Math.Log2(Spacing / resolution)), 0, OctantKey.DeepestLevel);

    /// <exception cref="CorruptDataException">The record is cut, or describes no cube.</exception>
    internal static CopcInfo Read(ReadOnlySpan<byte> content)
    {
        if (content.Length < ContentBytes)
            throw new CorruptDataException($"the COPC info record has {content.Length} bytes instead of {ContentBytes}");
        Span<double> numbers = stackalloc double[5];
        for (var i = 0; i < numbers.Length; i++)
            numbers[i] = BinaryPrimitives.ReadDoubleLittleEndian(content[(8 * i)..]);
        var cube = new Cube(new Xyz(numbers[0], numbers[1], numbers[2]), numbers[3]);
        if (!(double.IsFinite(numbers[0]) && double.IsFinite(numbers[1]) && double.IsFinite(numbers[2]) && double.IsFinite(numbers[3])) || cube.HalfSize < 0)
            throw new CorruptDataException($"the COPC info record has a cube about {numbers[0]} {numbers[1]} {numbers[2]} with a half edge of {numbers[3]}");
        if (!(numbers[4] >= 0 && double.IsFinite(numbers[4])))
            throw new CorruptDataException($"the COPC info record has a spacing of {numbers[4]}");
        var page = new CopcPage(
            OctantKey.Root, BinaryPrimitives.ReadInt64LittleEndian(content[40..]), BinaryPrimitives.ReadInt64LittleEndian(content[48..]));
        return new CopcInfo(
            cube, numbers[4], page, BinaryPrimitives.ReadDoubleLittleEndian(content[56..]), BinaryPrimitives.ReadDoubleLittleEndian(content[64..]));
    }

    internal byte[] Write()
    {
        var content = new byte[ContentBytes];
        ReadOnlySpan<double> numbers = [Cube.Center.X, Cube.Center.Y, Cube.Center.Z, Cube.HalfSize, Spacing];
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteDoubleLittleEndian(content.AsSpan(8 * i), numbers[i]);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(40), RootPage.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(48), RootPage.LengthBytes);
        BinaryPrimitives.WriteDoubleLittleEndian(content.AsSpan(56), MinGpsTime);
        BinaryPrimitives.WriteDoubleLittleEndian(content.AsSpan(64), MaxGpsTime);
        return content;
    }
}

/// <summary>A part of the hierarchy that is read by itself.</summary>
/// <param name="Key">The octant of which, and of octants within, the page tells.</param>
public readonly record struct CopcPage(OctantKey Key, long Offset, long LengthBytes);

/// <summary>An octant and its points, which the octants within do not repeat.</summary>
/// <param name="Offset">Of its chunk in the file; 0 without points.</param>
/// <param name="LengthBytes">Of its chunk; 0 without points.</param>
/// <param name="PointCount">0 when only octants within it have points.</param>
public readonly record struct CopcNode(OctantKey Key, long Offset, int LengthBytes, int PointCount);
