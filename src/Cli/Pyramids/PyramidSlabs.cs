using Grid.Tiling;

namespace Grid.Cli.Pyramids;

/// <summary>The files of a pyramid on this machine.</summary>
public static class PyramidSlabs
{
    /// <summary>
    /// Paths of a level's slabs in the order of their names: in folders relative to the descriptor's, or beside it under the names of objects, as a bucket
    /// that was copied has them.
    /// </summary>
    public static IEnumerable<string> Of(string folder, PyramidLevel level, SlabKind kind)
    {
        var deep = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden };
        var found = level.Storage switch
        {
            FilePyramidStorage folders when (kind == SlabKind.Data ? folders.ImageDirectory : folders.MaskDirectory) is { } directory
                && Directory.Exists(Path.Combine(folder, directory)) => Directory.EnumerateFiles(Path.Combine(folder, directory), "*.tif", deep),
            ObjectPyramidStorage objects when (kind == SlabKind.Data ? objects.ImagePrefix : objects.MaskPrefix) is { } prefix
                && Directory.Exists(Path.GetDirectoryName(Path.Combine(folder, prefix))) => Directory.EnumerateFiles(Path.GetDirectoryName(Path.Combine(folder, prefix))!, Path.GetFileName(prefix) + "_*"),
            _ => [],
        };
        return found.Order(StringComparer.Ordinal);
    }
}
