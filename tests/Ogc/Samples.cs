using Grid.Ogc.Wmts;
using Grid.Tiling;

namespace Grid.Ogc.Tests;

/// <summary>Layers of every kind that services describe.</summary>
internal static class Samples
{
    public const string Root = "https://tiles.example/geo";

    public static WmtsAddresses Addresses { get; } = new(Root + "/wmts", Root + "/wmts/1.0.0");

    public static ServiceDescription Service { get; } = new()
    {
        Title = "Tuiles & <orthophotos>",
        Abstract = "Service d'essai \u0001 à caractère interdit",
        Keywords = ["ortho", "été"],
        ProviderName = "Collectivité d'Outre-Mer",
        ProviderSite = "https://example.org/",
        Contact = new ServiceContact { Person = "Guichet", Position = "SIG", Phone = "+594 1", Email = "sig@example.org", City = "Cayenne", PostalCode = "97300", Country = "France" },
    };

    /// <summary>Web mercator JPEG, levels 0 to 19, near Paris.</summary>
    public static ServedLayer Ortho { get; } = new(
        "ORTHO.PARIS:2024", Set("PM"), Levels("PM", 0, 19, new Extent(244904, 6243320, 267168, 6260214)), "image/jpeg", "jpg")
    {
        Title = "Ortho de Paris & environs",
        Abstract = "Deux <dalles>",
        Keywords = ["ortho"],
        Bounds = new GeographicBounds(2.2, 48.83, 2.4, 48.93),
        IsQueryable = true,
        Attribution = new LayerAttribution("© Grid & amis", "https://grid.example/?a=1&b=2", new LegendImage("https://grid.example/logo.png", "image/png", 88, 31)),
    };

    /// <summary>Lambert-93 PNG with two styles and a legend, IGNF name, levels 6 to 21.</summary>
    public static ServedLayer Scan { get; } = new(
        "SCAN", Set("LAMB93_10cm"), Levels("LAMB93_10cm", 6, 21, new Extent(700000, 6600000, 701000, 6602000)), "image/png", "png")
    {
        Bounds = new GeographicBounds(3, 46.5, 3.01, 46.52),
        Styles =
        [
            new LayerStyle("grey", "Gris"),
            new LayerStyle("colour", "Couleur", true, new LegendImage("https://tiles.example/legend.png?a=1&b=2", "image/png", 20, 30)),
        ],
        Metadata = [new MetadataUrl("https://catalogue.example/?id=1&f=xml", "application/xml", "ISO19115:2003")],
        Channels = 4,
    };

    /// <summary>Elevation in a set that is no quad tree, as raw floats, queryable.</summary>
    public static ServedLayer Elevation { get; } = new(
        "MNT", Set("LAMB93_1M_MNT"), Levels("LAMB93_1M_MNT", 0, 8, new Extent(700000, 6600000, 701000, 6602000)), "image/x-bil;bits=32", "bil")
    {
        Bounds = new GeographicBounds(3, 46.5, 3.01, 46.52),
        IsQueryable = true,
        Channels = 1,
    };

    /// <summary>The same heights in pictures: a style of another format than the stored tiles, which is the default, and the values themselves.</summary>
    public static ServedLayer Relief { get; } = new(
        "RELIEF", Set("LAMB93_10m"), Levels("LAMB93_10m", 0, 14, new Extent(700000, 6600000, 701000, 6602000)), "image/x-bil;bits=32", "bil")
    {
        Bounds = new GeographicBounds(3, 46.5, 3.01, 46.52),
        IsQueryable = true,
        Channels = 1,
        Styles =
        [
            new LayerStyle("terrain", "Terrain", true, new LegendImage("https://tiles.example/relief.png", "image/png", 20, 30, 200, 1e8))
            {
                Abstract = "Altitudes <en couleurs>", Document = "d", MimeType = "image/png", FileExtension = "png", Encoding = "mapbox",
            },
            new LayerStyle("normal", "Données brutes"),
        ],
    };

    /// <summary>Degrees, latitude first in protocols.</summary>
    public static ServedLayer World { get; } = new(
        "WORLD", Set("4326"), Levels("4326", 0, 5, new Extent(-180, -90, 180, 90)), "image/jpeg", "jpg")
    {
        Bounds = new GeographicBounds(-180, -90, 180, 90),
    };

    /// <summary>Degrees by IGN's name, longitude first.</summary>
    public static ServedLayer WorldIgn { get; } = new(
        "WORLD_IGN", Set("WGS84G"), Levels("WGS84G", 2, 5, new Extent(-10, 40, 10, 50)), "image/jpeg", "jpg")
    {
        Bounds = new GeographicBounds(-10, 40, 10, 50),
    };

    public static LayerCatalogue Catalogue { get; } = new([Ortho, Scan, Elevation, Relief, World, WorldIgn], 42);

    public static TileMatrixSet Set(string id) => TileMatrixSets.Find(id)!;

    public static IEnumerable<ServedLevel> Levels(string set, int top, int bottom, Extent extent) =>
        Set(set).Matrices.Skip(top).Take(bottom - top + 1).Select(matrix => new ServedLevel(matrix, matrix.TilesOf(extent)!.Value));
}
