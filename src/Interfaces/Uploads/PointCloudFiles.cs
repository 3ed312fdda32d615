namespace Grid.Interfaces.Uploads;

/// <summary>Which files of an upload are point clouds, by their extensions; the others accompany them.</summary>
public static class PointCloudFiles
{
    /// <summary>True when the path names a point cloud.</summary>
    public static bool IsPointCloud(string path) => Path.GetExtension(path).ToUpperInvariant() is ".LAZ" or ".LAS";
}
