namespace Grid.Interfaces.Uploads;

/// <summary>Which files of an upload are rasters, by the extensions of what producers deliver; the others accompany them (world files, masks, notes).</summary>
public static class RasterFiles
{
    private static readonly HashSet<string> Extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".tif", ".tiff", ".jp2", ".j2k", ".png", ".jpg", ".jpeg", ".asc", ".bil",
    };

    /// <summary>True when the path names a raster.</summary>
    public static bool IsRaster(string path) => Extensions.Contains(Path.GetExtension(path));
}
