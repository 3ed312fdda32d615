namespace Grid.PointCloud;

/// <summary>A part of a file that is read by itself: a chunk of LAZ, or as many points of LAS as make a good batch.</summary>
/// <param name="Index">Its place in the file, from 0; errors name it.</param>
/// <param name="FirstPoint">Index of its first point.</param>
/// <param name="Offset">Of its first byte; -1 in files without a chunk table, which are read from their beginning.</param>
/// <param name="LengthBytes">Bytes in the file; 0 when <paramref name="Offset"/> is -1.</param>
public readonly record struct PointChunk(int Index, long FirstPoint, int Count, long Offset, long LengthBytes);

/// <summary>Bounds on the memory that a file, whatever it says of itself, can make a reader take.</summary>
public sealed record PointCloudLimits
{
    public static PointCloudLimits Default { get; } = new();

    /// <summary>Most bytes of header and variable length records, and of one extended record that is read. Default 256 MiB.</summary>
    public long RecordBytes { get; init; } = 256L << 20;

    /// <summary>Most bytes of a chunk, compressed or not; a reader holds a few chunks a thread. Default 1 GiB; LASzip's own chunks have 50,000 points, 1 to 3 MB.</summary>
    public long ChunkBytes { get; init; } = 1L << 30;
}
