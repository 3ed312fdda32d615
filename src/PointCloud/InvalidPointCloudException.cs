namespace Grid.PointCloud;

/// <summary>A point cloud that cannot be read: damaged, cut, contradictory or of an unknown kind. The message names the file, the chunk where it is one's, and the reason.</summary>
public sealed class InvalidPointCloudException : IOException
{
    public InvalidPointCloudException(string file, string reason, Exception? inner = null)
        : base($"{file}: {reason}", inner) => (File, Reason) = (file, reason);

    public InvalidPointCloudException(string file, int chunk, string reason, Exception? inner = null)
        : base($"{file}: chunk {chunk}: {reason}", inner) => (File, Chunk, Reason) = (file, chunk, reason);

    /// <summary>The source's <see cref="IByteSource.Name"/>.</summary>
    public string File { get; }

    /// <summary>Index of the damaged chunk, from 0; null when the file as a whole is at fault. The other chunks can still be read.</summary>
    public int? Chunk { get; }

    public string Reason { get; }
}

/// <summary>A reason for which a part of a file cannot be read; whoever knows the file and the chunk says so with an <see cref="InvalidPointCloudException"/>.</summary>
internal sealed class CorruptDataException(string reason) : Exception(reason);
