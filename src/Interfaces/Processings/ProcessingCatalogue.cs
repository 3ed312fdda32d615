using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;
using Grid.Tiling;

namespace Grid.Interfaces.Processings;

/// <summary>The processings that this platform can run. Ids and names are those of the Géoplateforme, which clients hold in their settings, where it has them.</summary>
public static class ProcessingCatalogue
{
    private const string RasterPyramidType = "ROK4-PYRAMID-RASTER", PointCloudPyramidType = "PYRAMID-3D-COPC";

    private static readonly string[] s_compressions = ["raw", "jpg", "jpg90", "png", "zip", "jpgpng", "webp"];

    /// <summary>Makes a raster pyramid from a delivery of rasters.</summary>
    public static ProcessingDefinition RasterPyramid { get; } = new()
    {
        Id = Guid.Parse("2ae50661-986c-4f47-a3f0-e380417b522c"),
        Name = "Calcul de pyramide raster",
        Aliases = ["Calcul ou mise à jour de pyramide raster"],
        Description = "Calcule une pyramide raster à partir d'une livraison d'images géoréférencées. Avec une pyramide en entrée, la met à jour : seul ce que les nouvelles images couvrent est recalculé, le reste est repris tel quel ; le résultat est une nouvelle version de la pyramide en sortie, ou une nouvelle donnée.",
        InputUploadTypes = ["RASTER"],
        InputStoredDataTypes = [RasterPyramidType],
        StoredData = (0, 1),
        OutputStoredDataType = RasterPyramidType,
        OutputStorageTypes = ["S3", "FILESYSTEM"],
        RequiredChecks = ["Vérification standard", "Vérification raster"],
        Parameters =
        [
            new("tms", "Identifiant du quadrillage (tile matrix set) de la pyramide.", OneOf(TileMatrixSets.All.Select(set => set.Id).Order(StringComparer.Ordinal)), Default: "PM"),
            new("compression", "Compression des tuiles ; jpgpng : JPEG, et PNG transparent là où des pixels n'ont pas de donnée ; webp : WebP, transparent de même.", OneOf(s_compressions), Default: "jpg"),
            new("interpolation", "Méthode de rééchantillonnage.", OneOf(["nn", "linear", "bicubic", "lanczos"]), Default: "bicubic"),
            new("mask", "Conserve des dalles de masque à côté des données.", new JsonObject { ["type"] = "boolean" }, Default: false),
            new("bottom", "Niveau le plus fin ; par défaut, le moins fin qui conserve la résolution des images.", Level()),
            new("top", "Niveau le moins fin ; par défaut, le premier du quadrillage.", Level()),
            new("bottoms", "Plusieurs sources par niveaux : le niveau le plus fin de chaque livraison, dans leur ordre. Chacune nourrit les niveaux à partir du sien jusqu'à celui de la suivante, la moins fine jusqu'au sommet ; leurs systèmes de coordonnées peuvent différer.", new JsonObject { ["type"] = "array", ["items"] = Level(), ["minItems"] = 1, ["maxItems"] = 30 }),
            new("width", "Nombre de tuiles par dalle, en largeur.", Whole(1, 64), Default: 16),
            new("height", "Nombre de tuiles par dalle, en hauteur.", Whole(1, 64), Default: 16),
            new("nodata", "Valeurs des pixels sans donnée, une par canal.", Numbers(1, 4)),
            new("tolerance", "Écart à la valeur sans donnée jusqu'auquel un pixel est tenu pour sans donnée, sur chaque canal (option -tolerance de manageNodata).", new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 1_000_000 }, Default: 0),
            new("touch_edges", "Ne tient pour sans donnée que les pixels de cette valeur reliés par leurs semblables au bord de leur image (option -touch-edges de manageNodata).", new JsonObject { ["type"] = "boolean" }, Default: false),
            new("gamma", "Correction des niveaux supérieurs, de 8 bits, comme l'option -g de merge4tiff : en dessous de 1 les assombrit, au-dessus les éclaircit.", new JsonObject { ["type"] = "number", ["minimum"] = 0.1, ["maximum"] = 10 }, Default: 1),
            new("sampleformat", "Format des canaux ; par défaut, celui des images.", OneOf(["UINT8", "FLOAT32"])),
            new("samplesperpixel", "Nombre de canaux ; par défaut, celui des images.", Whole(1, 4)),
            new("area", "Mise à jour seulement : emprise (WKT POLYGON ou MULTIPOLYGON, longitude latitude en degrés) qui est remplacée. Dedans, l'ancien contenu disparaît et seules les nouvelles images restent ; dehors, rien ne change.", Area()),
            new("parallelization", "Sans effet ici, où le calcul se répartit de lui-même ; accepté pour les clients qui l'envoient.", Whole(1, 64), Default: 1),
        ],
    };

    /// <summary>Stores a delivered pyramid as it is.</summary>
    public static ProcessingDefinition PyramidImport { get; } = new()
    {
        Id = StableId.Of("processing", "rok4-pyramid-import"),
        Name = "Recopie d'une pyramide raster livrée",
        Description = "Recopie une pyramide raster ROK4 livrée, dalle par dalle et sans conversion.",
        InputUploadTypes = ["ROK4-PYRAMID"],
        Uploads = (1, 1),
        OutputStoredDataType = RasterPyramidType,
        OutputStorageTypes = ["S3", "FILESYSTEM"],
        RequiredChecks = ["Vérification standard", "Vérification pyramide ROK4"],
    };

    /// <summary>Takes an area away from a pyramid.</summary>
    public static ProcessingDefinition RasterRemoval { get; } = new()
    {
        Id = Guid.Parse("7d0f5c0e-2f0b-4c8e-9a53-5b8f3a5e9c11"),
        Name = "Pyramide raster : suppression d'une emprise",
        Description = "Rend une emprise d'une pyramide raster à l'absence de donnée. Seules les dalles touchées et leurs ancêtres sont recalculées.",
        Uploads = (0, 0),
        InputStoredDataTypes = [RasterPyramidType],
        StoredData = (1, 1),
        OutputStoredDataType = RasterPyramidType,
        OutputStorageTypes = ["S3", "FILESYSTEM"],
        Parameters = [new("area", "Emprise à supprimer : WKT POLYGON ou MULTIPOLYGON, longitude latitude en degrés.", Area(), Mandatory: true)],
    };

    /// <summary>Merges pyramids of one tile matrix set.</summary>
    public static ProcessingDefinition RasterMerge { get; } = new()
    {
        Id = Guid.Parse("7cdca031-9e86-4804-8764-9b1d783b087d"),
        Name = "Fusion de pyramides raster",
        Description = "Fusionne des pyramides raster de même quadrillage, de mêmes dalles et de même format de pixel, la première par-dessus. Une dalle présente dans une seule pyramide est reprise telle quelle, ou transcodée si sa compression diffère ; les autres sont superposées.",
        Uploads = (0, 0),
        InputStoredDataTypes = [RasterPyramidType],
        StoredData = (2, 100),
        TakesOverPyramids = true,
        OutputStoredDataType = RasterPyramidType,
        OutputStorageTypes = ["S3", "FILESYSTEM"],
        Parameters =
        [
            new("merge_method", "Superposition des pixels : TOP (le premier qui a une donnée), ALPHATOP (transparence), MULTIPLY (produit) ou REPLACE (dalle du dessus entière).", OneOf(["TOP", "ALPHATOP", "MULTIPLY", "REPLACE"]), Default: "TOP"),
            new("bbox", "Emprise fusionnée, par dalles entières : ouest, sud, est, nord en degrés ; par défaut, tout.", Numbers(4, 4)),
            new("area", "Zone fusionnée, par dalles entières, au lieu de bbox : WKT POLYGON ou MULTIPOLYGON, longitude latitude en degrés.", Area()),
            new("bottom", "Niveau le plus fin ; par défaut, le plus fin des pyramides.", Level()),
            new("top", "Niveau le moins fin ; par défaut, le moins fin des pyramides.", Level()),
            new("compression", "Compression des tuiles ; par défaut, celle de la première pyramide.", OneOf(s_compressions)),
            new("parallelization", "Sans effet ici, où le calcul se répartit de lui-même ; accepté pour les clients qui l'envoient.", Whole(1, 64), Default: 1),
        ],
    };

    /// <summary>Copies a pyramid, to another store where the output's storage tags name one.</summary>
    public static ProcessingDefinition RasterCopy { get; } = new()
    {
        Id = StableId.Of("processing", "raster-pyramid-copy"),
        Name = "Pyramide raster : copie",
        Description = "Copie une pyramide raster, dalle par dalle, dans le stockage que nomment les étiquettes (storage_tags) de la donnée en sortie, ou dans le même. Les dalles sont reprises telles quelles, sauf si une autre compression est demandée.",
        Uploads = (0, 0),
        InputStoredDataTypes = [RasterPyramidType],
        StoredData = (1, 1),
        TakesOverPyramids = true,
        OutputStoredDataType = RasterPyramidType,
        OutputStorageTypes = ["S3", "FILESYSTEM"],
        Parameters =
        [
            new("slab_limit", "Taille en octets en dessous de laquelle une dalle, vide ou blanche, n'est pas copiée.", Whole(0, 100_000_000), Default: 0),
            new("bbox", "Emprise copiée, par dalles entières : ouest, sud, est, nord en degrés ; par défaut, tout.", Numbers(4, 4)),
            new("area", "Zone copiée, par dalles entières, au lieu de bbox : WKT POLYGON ou MULTIPOLYGON, longitude latitude en degrés.", Area()),
            new("bottom", "Niveau le plus fin ; par défaut, celui de la pyramide.", Level()),
            new("top", "Niveau le moins fin ; par défaut, celui de la pyramide.", Level()),
            new("compression", "Compression des tuiles ; par défaut, celle de la pyramide.", OneOf(s_compressions)),
        ],
    };

    /// <summary>Makes the upper levels of a pyramid anew.</summary>
    public static ProcessingDefinition RasterHead { get; } = new()
    {
        Id = Guid.Parse("c3a1b7de-6f55-4b0e-8d2a-4f6f6d0a9b27"),
        Name = "Pyramide raster : reconstruction des niveaux supérieurs",
        Description = "Recalcule les niveaux au-dessus d'un niveau de référence à partir de ses dalles ; ce niveau et les plus fins sont repris tels quels.",
        Uploads = (0, 0),
        InputStoredDataTypes = [RasterPyramidType],
        StoredData = (1, 1),
        OutputStoredDataType = RasterPyramidType,
        OutputStorageTypes = ["S3", "FILESYSTEM"],
        Parameters =
        [
            new("reference_level", "Niveau de référence, dont partent les niveaux recalculés.", Level(), Mandatory: true),
            new("top", "Niveau le moins fin ; par défaut, celui de la pyramide.", Level()),
        ],
    };

    /// <summary>Makes a raster pyramid from the maps of a WMS.</summary>
    public static ProcessingDefinition RasterHarvest { get; } = new()
    {
        Id = Guid.Parse("6a54dc92-fc93-4c8e-9f02-046bf889550e"),
        Name = "Calcul ou mise à jour de pyramide raster par moissonnage WMS",
        Description = "Calcule une pyramide raster à partir des images d'un service WMS autorisé par l'exploitant, demandées sur la grille même des niveaux moissonnés, ou met à jour celle qui est donnée en entrée : ce que montrent les images couvre ce qu'elle a.",
        Uploads = (0, 0),
        InputStoredDataTypes = [RasterPyramidType],
        StoredData = (0, 1),
        OutputStoredDataType = RasterPyramidType,
        OutputStorageTypes = ["S3", "FILESYSTEM"],
        Parameters =
        [
            new("harvest_url", "Adresse du service WMS.", Text(2000), Mandatory: true),
            new("harvest_layers", "Couches demandées, séparées par des virgules.", Text(1000), Mandatory: true),
            new("harvest_levels", "Niveaux moissonnés ; chacun nourrit ceux qui sont au-dessus, jusqu'au niveau moissonné suivant.", new JsonObject { ["type"] = "array", ["items"] = Level(), ["minItems"] = 1, ["maxItems"] = 30 }, Mandatory: true),
            new("harvest_area", "Emprise moissonnée : WKT POLYGON ou MULTIPOLYGON, longitude latitude en degrés.", Area(), Mandatory: true),
            new("harvest_format", "Type MIME des images.", OneOf(["image/png", "image/jpeg", "image/x-bil;bits=32"]), Mandatory: true),
            new("harvest_extras", "Suite de la requête, par exemple apikey=…&transparent=true.", new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Za-z0-9_.~%=&,:;+-]*$", ["maxLength"] = 2000 }),
            new("harvest_dimensions", "Largeur et hauteur maximales d'une image, en pixels.", new JsonObject { ["type"] = "array", ["items"] = Whole(64, 8192), ["minItems"] = 2, ["maxItems"] = 2 }),
            new("harvest_threshold", "Taille en octets jusqu'à laquelle une image est tenue pour vide.", Whole(0, 100_000_000)),
            new("bottom", "Niveau le plus fin, qui est moissonné ; obligatoire sauf pour une mise à jour, qui garde celui de la pyramide.", Level()),
            new("top", "Niveau le moins fin ; par défaut, le premier du quadrillage.", Level()),
            new("tms", "Identifiant du quadrillage (tile matrix set) de la pyramide.", OneOf(TileMatrixSets.All.Select(set => set.Id).Order(StringComparer.Ordinal)), Default: "PM"),
            new("compression", "Compression des tuiles ; jpgpng : JPEG, et PNG transparent là où des pixels n'ont pas de donnée ; webp : WebP, transparent de même.", OneOf(s_compressions), Default: "jpg"),
            new("mask", "Conserve des dalles de masque à côté des données.", new JsonObject { ["type"] = "boolean" }, Default: false),
            new("sampleformat", "Format des canaux.", OneOf(["UINT8", "FLOAT32"]), Default: "UINT8"),
            new("samplesperpixel", "Nombre de canaux.", Whole(1, 4), Default: 3),
            new("nodata", "Valeurs des pixels sans donnée, une par canal.", Numbers(1, 4)),
            new("width", "Nombre de tuiles par dalle, en largeur.", Whole(1, 64), Default: 16),
            new("height", "Nombre de tuiles par dalle, en hauteur.", Whole(1, 64), Default: 16),
            new("parallelization", "Sans effet ici, où le calcul se répartit de lui-même ; accepté pour les clients qui l'envoient.", Whole(1, 64), Default: 1),
        ],
    };

    /// <summary>Makes a terrain model of point clouds, delivered or stored, as tiles and as a raster pyramid.</summary>
    public static ProcessingDefinition TerrainModel { get; } = new()
    {
        Id = StableId.Of("processing", "terrain-model"),
        Name = "Calcul de modèle numérique",
        Aliases = ["Calcul de MNT", "Calcul de MNS", "Calcul de MNH"],
        Description = "Calcule un modèle numérique de terrain, de surface ou de hauteur à partir de nuages de points classés, d'une livraison ou de fichiers COPC stockés : des dalles GeoTIFF (COG) sur la grille de l'IGN, et une pyramide raster de réels sur 32 bits.",
        InputUploadTypes = ["POINT-CLOUD"],
        Uploads = (0, 1000),
        InputStoredDataTypes = [PointCloudPyramidType],
        StoredData = (0, 1),
        TakesEitherInput = true,
        OutputStoredDataType = RasterPyramidType,
        OutputStorageTypes = ["S3", "FILESYSTEM"],
        RequiredChecks = ["Vérification standard", "Vérification nuage de points"],
        Parameters =
        [
            new("model", "MNT : sol et eau (classes 2, 9, 66) ; MNS : sol et sursol (2 à 6, 9, 17) ; MNH : MNS moins MNT.", OneOf(["MNT", "MNS", "MNH"]), Default: "MNT"),
            new("step", "Côté d'un pixel en mètres ; il divise celui des dalles.", new JsonObject { ["type"] = "number", ["minimum"] = 0.05, ["maximum"] = 100 }, Default: 0.5),
            new("longest_edge", "Plus long côté, en mètres, d'un triangle interpolé ; 0 : sans limite.", new JsonObject { ["type"] = "number", ["minimum"] = 0, ["maximum"] = 100_000 }, Default: 0),
            new("tms", "Identifiant du quadrillage (tile matrix set) de la pyramide.", OneOf(TileMatrixSets.All.Select(set => set.Id).Order(StringComparer.Ordinal)), Default: "PM"),
            new("compression", "Compression des tuiles, de réels.", OneOf(["zip", "raw"]), Default: "zip"),
            new("interpolation", "Méthode de rééchantillonnage.", OneOf(["nn", "linear", "bicubic", "lanczos"]), Default: "linear"),
            new("mask", "Conserve des dalles de masque à côté des données.", new JsonObject { ["type"] = "boolean" }, Default: false),
            new("bottom", "Niveau le plus fin ; par défaut, le moins fin qui conserve la résolution du modèle.", Level()),
            new("top", "Niveau le moins fin ; par défaut, le premier du quadrillage.", Level()),
            new("width", "Nombre de tuiles par dalle, en largeur.", Whole(1, 64), Default: 16),
            new("height", "Nombre de tuiles par dalle, en hauteur.", Whole(1, 64), Default: 16),
            new("parallelization", "Sans effet ici, où le calcul se répartit de lui-même ; accepté pour les clients qui l'envoient.", Whole(1, 64), Default: 1),
        ],
    };

    /// <summary>Makes COPC files of a delivery of LAS and LAZ.</summary>
    public static ProcessingDefinition PointCloudPyramid { get; } = new()
    {
        Id = StableId.Of("processing", "point-cloud-pyramid"),
        Name = "Calcul de pyramide 3D COPC",
        Aliases = ["Calcul de pyramide COPC"],
        Description = "Calcule des pyramides 3D (COPC 1.0) à partir d'une livraison de nuages de points LAS ou LAZ : une par bloc, une par dalle. Chaque point livré s'y trouve une fois et une seule.",
        InputUploadTypes = ["POINT-CLOUD"],
        OutputStoredDataType = PointCloudPyramidType,
        OutputStorageTypes = ["S3", "FILESYSTEM"],
        RequiredChecks = ["Vérification standard", "Vérification nuage de points"],
        Parameters =
        [
            new("files", "Fichiers calculés : BLOCK (un pour tout le bloc), TILES (un par dalle) ou BOTH.", OneOf(["BLOCK", "TILES", "BOTH"]), Default: "BOTH"),
            new("tileset", "Calcule aussi un tileset 3D Tiles 1.1, du bloc ou de chaque fichier s'il n'y a pas de bloc.", new JsonObject { ["type"] = "boolean" }, Default: true),
            new("parallelization", "Sans effet ici, où le calcul se répartit de lui-même ; accepté pour les clients qui l'envoient.", Whole(1, 64), Default: 1),
        ],
    };

    public static IReadOnlyList<ProcessingDefinition> All { get; } = [RasterPyramid, PyramidImport, RasterRemoval, RasterMerge, RasterCopy, RasterHead, RasterHarvest, TerrainModel, PointCloudPyramid];

    public static ProcessingDefinition? Find(Guid id) => All.FirstOrDefault(one => one.Id == id);

    private static JsonObject OneOf(IEnumerable<string> values) =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. values.Select(value => (JsonNode)value)]) };

    private static JsonObject Text(int most) =>
        new() { ["type"] = "string", ["maxLength"] = most, ["pattern"] = "\\S" };

    private static JsonObject Level() =>
        new() { ["type"] = "string", ["pattern"] = "^[0-9A-Za-z_.-]+$", ["maxLength"] = 32 };

    private static JsonObject Whole(int least, int most) =>
        new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };

    private static JsonObject Area() =>
        new() { ["type"] = "string", ["pattern"] = "^\\s*(?i:multi)?(?i:polygon)\\s*\\(", ["maxLength"] = 4_000_000 };

    private static JsonObject Numbers(int least, int most) =>
        new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "number" }, ["minItems"] = least, ["maxItems"] = most };
}
