using Grid.Cli.Api;
using Grid.Cli.Pyramids;
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
            foreach (var file in PyramidSlabs.Of(folder, level, SlabKind.Data).Concat(PyramidSlabs.Of(folder, level, SlabKind.Mask)))
                files[Path.GetRelativePath(folder, file)] = Of(folder, file);
        }

        return new PyramidFolder(folder, path, set.Id, set.Crs, [.. files.Values]);
    }

    private static LotFile Of(string folder, string file)
    {
        var info = new FileInfo(file);
        if (info.LinkTarget is not null)
            info = info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo is { Exists: true } target ? target : throw new DeliveryException($"{file} is a link to {info.LinkTarget}, which is not there");
        return new LotFile(info.FullName, Path.GetRelativePath(folder, file).Replace('\\', '/'), info.Length);
    }
}
