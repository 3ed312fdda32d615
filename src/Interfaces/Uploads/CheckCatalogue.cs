using Grid.Interfaces.Catalogue;

namespace Grid.Interfaces.Uploads;

/// <summary>A check that can be run on uploads.</summary>
/// <param name="DefaultFor">The upload types whose closing runs it.</param>
public sealed record CheckDefinition(Guid Id, string Name, string Description, IReadOnlyList<string> DefaultFor);

/// <summary>The checks that Grid has, by the names that producers know.</summary>
public static class CheckCatalogue
{
    public static CheckDefinition Standard { get; } = new(
        StableId.Of("check", "standard"), "Vérification standard",
        "Compares the MD5 digest of every delivered file with the MD5 files of the upload.",
        UploadTypes.All);

    public static CheckDefinition Raster { get; } = new(
        StableId.Of("check", "raster"), "Vérification raster",
        "Decodes every raster whole, and compares the coordinate reference systems, bands, sample types and resolutions of the lot.",
        ["RASTER"]);

    public static CheckDefinition Pyramid { get; } = new(
        StableId.Of("check", "rok4-pyramid"), "Vérification pyramide ROK4",
        "Reads the descriptor of a ROK4 pyramid, and of every slab the header, the index and a tile.",
        ["ROK4-PYRAMID"]);

    public static CheckDefinition PointCloud { get; } = new(
        StableId.Of("check", "point-cloud"), "Vérification nuage de points",
        "Decodes every LAS and LAZ file whole, compares its header with its points, and the coordinate reference systems, formats and places of all files.",
        ["POINT-CLOUD"]);

    public static IReadOnlyList<CheckDefinition> All { get; } = [Standard, Raster, Pyramid, PointCloud];

    public static CheckDefinition? Find(Guid id) => All.FirstOrDefault(check => check.Id == id);
}

/// <summary>The types of uploads.</summary>
public static class UploadTypes
{
    public static IReadOnlyList<string> All { get; } =
        ["VECTOR", "RASTER", "ARCHIVE", "ROK4-PYRAMID", "INDEX", "HISTORIC-IMAGERY", "POINT-CLOUD", "PYRAMID-3D"];
}
