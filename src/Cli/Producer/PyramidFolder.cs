using Grid.Cli.Api;
using Grid.Tiling;

namespace Grid.Cli.Producer;

/// <summary>An existing ROK4 pyramid on this machine.</summary>
/// <param name="Folder">The descriptor's folder, to which all paths of the pyramid are relative.</param>
/// <param name="Descriptor">Full path of the descriptor.</param>
/// <param name="TileMatrixSet">Name of its tile matrix set.</param>
/// <param name="Crs">CRS of that set.</param>
/// <param name="Files">Descriptor, slabs and masks; symbolic links are followed, so that what is delivered are slabs.</param>
public sealed record PyramidFolder(string Folder, string Descriptor, string TileMatrixSet, string Crs, IReadOnlyList<LotFile> Files)
{
    /// <summary>Reads the descriptor and finds the slabs.</summary>
    /// <exception cref="DeliveryException">It cannot be read, or a link leads nowhere.</exception>
    public static PyramidFolder Read(string descriptor)
    {
        var path = Path.GetFullPath(descriptor);
        if (!File.Exists(path))
            throw new DeliveryException($"{descriptor} is no file: name the descriptor of a pyramid, NAME.json");
        PyramidDescriptor pyramid;
        try
        {
            pyramid = PyramidDescriptorJson.Read(File.ReadAllBytes(path));
        }
        catch (InvalidPyramidException wrong)
        {
            throw new DeliveryException($"{descriptor} is no descriptor of a pyramid: {wrong.Message}");
        }

        var set = TileMatrixSets.Find(pyramid.TileMatrixSet)
            ?? throw new DeliveryException($"{descriptor}: the tile matrix set {pyramid.TileMatrixSet} is not known");
        var folder = Path.GetDirectoryName(path)!;
        var files = new SortedDictionary<string, LotFile>(StringComparer.Ordinal) { [Path.GetFileName(path)] = Of(folder, path) };
        foreach (var level in pyramid.Levels)
        {
            foreach (var file in SlabsOf(folder, level.Storage))
                files[Path.GetRelativePath(folder, file)] = Of(folder, file);
        }

        return new PyramidFolder(folder, path, set.Id, set.Crs, [.. files.Values]);
    }

    private static IEnumerable<string> SlabsOf(string folder, PyramidStorage storage)
    {
        var deep = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden };
        switch (storage)
        {
            case FilePyramidStorage folders:
                return ((string?[])[folders.ImageDirectory, folders.MaskDirectory]).OfType<string>()
                    .Select(directory => Path.Combine(folder, directory)).Where(Directory.Exists)
                    .SelectMany(directory => Directory.EnumerateFiles(directory, "*.tif", deep));
            case ObjectPyramidStorage objects:
                // Objects of a bucket that were copied to a folder under their names.
                return ((string?[])[objects.ImagePrefix, objects.MaskPrefix]).OfType<string>()
                    .Select(prefix => Path.Combine(folder, prefix)).Where(prefix => Directory.Exists(Path.GetDirectoryName(prefix)))
                    .SelectMany(prefix => Directory.EnumerateFiles(Path.GetDirectoryName(prefix)!, Path.GetFileName(prefix) + "_*"));
            default:
                return [];
        }
    }

    private static LotFile Of(string folder, string file)
    {
        var info = new FileInfo(file);
        if (info.LinkTarget is not null)
            info = info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo is { Exists: true } target ? target : throw new DeliveryException($"{file} is a link to {info.LinkTarget}, which is not there");
        return new LotFile(info.FullName, Path.GetRelativePath(folder, file).Replace('\\', '/'), info.Length);
    }
}
