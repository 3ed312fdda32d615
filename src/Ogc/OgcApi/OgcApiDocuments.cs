using System.Text.Json.Nodes;
using Grid.Ogc.Wms;
using Grid.Tiling;

namespace Grid.Ogc.OgcApi;

/// <summary>A layer as the OGC API shows it: tiles, maps or both under one name.</summary>
/// <param name="Tiles">The layer of stored tiles, or null.</param>
/// <param name="Maps">The layer of maps, or null.</param>
/// <param name="Crs">The CRS that its maps are advertised in, its own first.</param>
public sealed record OgcApiCollection(ServedLayer? Tiles, ServedLayer? Maps, IReadOnlyList<MapCrs> Crs)
{
    public ServedLayer Layer => Tiles ?? Maps ?? throw new InvalidOperationException("A collection has tiles or maps.");

    public string Id => Layer.Name;
}

/// <summary>
/// The documents of OGC API – Common (19-072), Tiles (20-057) and Maps (20-058) as JSON. Addresses are absolute, below a root without a slash at its end.
/// </summary>
public static class OgcApiDocuments
{
    private const string WorldCrs84Quad = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WorldCRS84Quad";

    /// <summary>The set that is the OGC's WorldCRS84Quad.</summary>
    private const string Degrees = "4326";

    private const string Crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";

    /// <summary>The formats of maps here, each with the value of <c>f</c> that names it; the first is the default.</summary>
    public static IReadOnlyList<(string Name, string MimeType)> MapFormats { get; } =
        [("png", "image/png"), ("jpeg", "image/jpeg"), ("webp", "image/webp"), ("tiff", "image/tiff"), ("geotiff", "image/geotiff"), ("bil", "image/x-bil;bits=32"), ("asc", "text/asc")];

    private static readonly string[] s_conformance =
    [
        "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
        "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
        "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
        "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html",
        "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
        "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
        "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/png",
        "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/jpeg",
        "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/core",
        "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/collection-map",
        "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/styled-map",
        "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/background",
        "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/scaling",
        "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/display-resolution",
        "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/spatial-subsetting",
        "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/crs",
        "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/png",
        "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/jpeg",
        "http://www.opengis.net/spec/ogcapi-maps-1/1.0/conf/tiff",
    ];

    public static JsonObject Landing(ServiceDescription service, string root)
    {
        var links = OgcApiLink.Self(root, service.Title);
        links.Add(OgcApiLink.Of("service-desc", root + "/api?f=json", "application/vnd.oai.openapi+json;version=3.0", "The definition of this API"));
        links.Add(OgcApiLink.Of("service-doc", root + "/api?f=html", "text/html", "The documentation of this API"));
        links.Add(OgcApiLink.Of(Relations.Conformance, root + "/conformance", OgcApiLink.Json, "What this API conforms to"));
        links.Add(OgcApiLink.Of("conformance", root + "/conformance", OgcApiLink.Json, "What this API conforms to"));
        links.Add(OgcApiLink.Of(Relations.Data, root + "/collections", OgcApiLink.Json, "The layers"));
        links.Add(OgcApiLink.Of("data", root + "/collections", OgcApiLink.Json, "The layers"));
        links.Add(OgcApiLink.Of(Relations.TilingSchemes, root + "/tileMatrixSets", OgcApiLink.Json, "The tile matrix sets"));
        return new JsonObject { ["title"] = service.Title, ["description"] = service.Abstract, ["links"] = links };
    }

    public static JsonObject Conformance(string root) => new()
    {
        ["links"] = OgcApiLink.Self(root + "/conformance", "What this API conforms to"),
        ["conformsTo"] = new JsonArray([.. s_conformance.Select(uri => (JsonNode)uri)]),
    };

    public static JsonObject Collections(IReadOnlyList<OgcApiCollection> collections, string root) => new()
    {
        ["links"] = OgcApiLink.Self(root + "/collections", "The layers"),
        ["numberMatched"] = collections.Count,
        ["numberReturned"] = collections.Count,
        ["collections"] = new JsonArray([.. collections.Select(collection => (JsonNode)Collection(collection, root))]),
    };

    public static JsonObject Collection(OgcApiCollection collection, string root)
    {
        var layer = collection.Layer;
        var address = AddressOf(collection, root);
        var links = OgcApiLink.Self(address, layer.Title);
        links.Add(OgcApiLink.Of(Relations.Styles, address + "/styles", OgcApiLink.Json, "Its styles"));
        foreach (var (name, type) in collection.Maps is { } maps ? MapFormats.Where(format => IsFor(maps, format.MimeType)) : [])
            links.Add(OgcApiLink.Of(Relations.Map, $"{address}/map?f={name}", type, $"A map of it ({name})"));
        if (collection.Tiles is not null)
            links.Add(OgcApiLink.Of(Relations.MapTilesets, address + "/map/tiles", OgcApiLink.Json, "Its tilesets"));
        if (layer.Attribution?.Url is { Length: > 0 } source)
            links.Add(OgcApiLink.Of("author", source, "text/html", layer.Attribution.Title));
        foreach (var metadata in layer.Metadata)
            links.Add(OgcApiLink.Of("describedby", metadata.Url, metadata.Format, "Its metadata"));
        var described = new JsonObject
        {
            ["id"] = collection.Id,
            ["title"] = layer.Title,
            ["description"] = layer.Abstract,
            ["keywords"] = new JsonArray([.. layer.Keywords.Select(word => (JsonNode)word)]),
            ["dataType"] = "map",
            ["extent"] = new JsonObject
            {
                ["spatial"] = new JsonObject
                {
                    ["bbox"] = new JsonArray(new JsonArray(layer.Bounds.West, layer.Bounds.South, layer.Bounds.East, layer.Bounds.North)), ["crs"] = Crs84,
                },
            },
            ["crs"] = new JsonArray([.. collection.Crs.Select(crs => crs.Crs.Uri).Prepend(Crs84).Distinct().Select(uri => (JsonNode)uri)]),
            ["storageCrs"] = Crs.Parse(layer.Set.Crs).Uri,
            ["minScaleDenominator"] = layer.ScaleDenominators.Finest,
            ["maxScaleDenominator"] = layer.ScaleDenominators.Coarsest,
            ["links"] = links,
        };
        if (layer.Attribution is { } attribution)
            described["attribution"] = attribution.Title;
        return described;
    }

    public static JsonObject Styles(OgcApiCollection collection, string root)
    {
        var address = AddressOf(collection, root) + "/styles";
        return new JsonObject
        {
            ["links"] = OgcApiLink.Self(address, $"Styles of {collection.Layer.Title}"),
            ["default"] = collection.Layer.DefaultStyle.Id,
            ["styles"] = new JsonArray([.. collection.Layer.Styles.Select(style => (JsonNode)Style(collection, style, address))]),
        };
    }

    /// <summary>The list of a collection's tilesets, in one of its styles.</summary>
    public static JsonObject Tilesets(OgcApiCollection collection, LayerStyle? style, string root)
    {
        var layer = collection.Tiles!;
        var address = TilesAddressOf(collection, style, root);
        return new JsonObject
        {
            ["links"] = OgcApiLink.Self(address, $"Tilesets of {layer.Title}"),
            ["tilesets"] = new JsonArray([.. SetsOf(layer).Select(set => (JsonNode)new JsonObject
            {
                ["title"] = $"{layer.Title} in {set.Set.Id}",
                ["dataType"] = "map",
                ["crs"] = CrsOf(set.Set).Uri,
                ["tileMatrixSetId"] = set.Set.Id,
                ["tileMatrixSetURI"] = UriOf(set.Set, root),
                ["links"] = new JsonArray(
                    OgcApiLink.Of("self", $"{address}/{Uri.EscapeDataString(set.Set.Id)}", OgcApiLink.Json, set.Set.Id),
                    OgcApiLink.Of(Relations.TilingScheme, $"{root}/tileMatrixSets/{Uri.EscapeDataString(set.Set.Id)}", OgcApiLink.Json, set.Set.Id)),
            })]),
        };
    }

    /// <summary>One tileset, with the template of its tiles' addresses and the limits of its levels.</summary>
    public static JsonObject Tileset(OgcApiCollection collection, LayerStyle? style, ServedSet set, string root)
    {
        var layer = collection.Tiles!;
        var address = $"{TilesAddressOf(collection, style, root)}/{Uri.EscapeDataString(set.Set.Id)}";
        var scheme = $"{root}/tileMatrixSets/{Uri.EscapeDataString(set.Set.Id)}";
        var type = (style ?? layer.DefaultStyle).MimeType ?? layer.MimeType;
        var links = OgcApiLink.Self(address, $"{layer.Title} in {set.Set.Id}");
        links.Add(OgcApiLink.Of(Relations.TilingScheme, scheme, OgcApiLink.Json, set.Set.Id));
        links.Add(OgcApiLink.Of("item", $"{address}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", type, "A tile", isTemplated: true));
        var (west, south, east, north) = layer.Bounds;
        var isWhole = IsWhole(layer, set);
        return new JsonObject
        {
            ["title"] = $"{layer.Title} in {set.Set.Id}",
            ["dataType"] = "map",
            ["crs"] = CrsOf(set.Set).Uri,
            ["tileMatrixSetId"] = set.Set.Id,
            ["tileMatrixSetURI"] = UriOf(set.Set, root),
            ["mediaTypes"] = new JsonArray(type),
            ["tileMatrixSetLimits"] = new JsonArray([.. set.Levels.Select(level => (JsonNode)new JsonObject
            {
                ["tileMatrix"] = level.Id,
                ["minTileRow"] = isWhole ? level.Limits.MinRow : 0,
                ["maxTileRow"] = isWhole ? level.Limits.MaxRow : level.Matrix.MatrixHeight - 1,
                ["minTileCol"] = isWhole ? level.Limits.MinCol : 0,
                ["maxTileCol"] = isWhole ? level.Limits.MaxCol : level.Matrix.MatrixWidth - 1,
            })]),
            ["boundingBox"] = new JsonObject { ["lowerLeft"] = new JsonArray(west, south), ["upperRight"] = new JsonArray(east, north), ["crs"] = Crs84 },
            ["links"] = links,
        };
    }

    public static JsonObject TileMatrixSetList(IEnumerable<TileMatrixSet> sets, string root) => new()
    {
        ["links"] = OgcApiLink.Self(root + "/tileMatrixSets", "The tile matrix sets"),
        ["tileMatrixSets"] = new JsonArray([.. sets.Select(set => (JsonNode)new JsonObject
        {
            ["id"] = set.Id,
            ["title"] = set.Title ?? set.Id,
            ["crs"] = CrsOf(set).Uri,
            ["uri"] = UriOf(set, root),
            ["links"] = new JsonArray(OgcApiLink.Of("self", $"{root}/tileMatrixSets/{Uri.EscapeDataString(set.Id)}", OgcApiLink.Json, set.Id)),
        })]),
    };

    /// <summary>A set (OGC 17-083r4), its CRS by its URI; and beside, for clients of that time (GDAL before 3.7), the members that 17-083r2 had.</summary>
    public static JsonObject TileMatrixSet(TileMatrixSet set, string root)
    {
        var address = $"{root}/tileMatrixSets/{Uri.EscapeDataString(set.Id)}";
        var written = JsonNode.Parse(TileMatrixSetJson.Write(set))!.AsObject();
        var crs = CrsOf(set);
        written["crs"] = crs.Uri;
        (written["type"], written["identifier"], written["supportedCRS"]) = ("TileMatrixSetType", set.Id, crs.Uri);
        var former = written["tileMatrices"]!.DeepClone().AsArray();
        foreach (var (matrix, level) in former.Zip(set.Matrices))
        {
            matrix!["identifier"] = level.Id;
            matrix["topLeftCorner"] = crs.IsLatitudeFirst ? new JsonArray(level.OriginY, level.OriginX) : new JsonArray(level.OriginX, level.OriginY);
        }

        written["tileMatrix"] = former;
        written["uri"] = UriOf(set, root);
        written["links"] = OgcApiLink.Self(address, set.Id);
        return written;
    }

    /// <summary>
    /// The sets that a layer's tiles are in: each whole, with the limits of the layer, and restricted to the levels on which the layer is two pixels large at
    /// least, with whole matrices for limits. GDAL before 3.8 takes the first of them, or the last in degrees, misplaces tiles where a matrix has narrower
    /// limits, and fails on levels where it has no pixel: hence the order.
    /// </summary>
    public static IEnumerable<ServedSet> SetsOf(ServedLayer layer)
    {
        var sets = layer.ExtraSets.Prepend(new ServedSet(layer.Set, layer.Levels)).ToList();
        return
        [
            .. sets.Where(set => set.Set.Id != Degrees).SelectMany(set => new[] { Restricted(layer, set), set }),
            .. sets.Where(set => set.Set.Id == Degrees).SelectMany(set => new[] { set, Restricted(layer, set) }),
        ];
    }

    private static ServedSet Restricted(ServedLayer layer, ServedSet set)
    {
        var seen = set.Levels.Where(level => level == set.Levels[^1] || IsSeen(layer.Bounds, set.Set, level)).ToList();
        return new ServedSet(RestrictedTileMatrixSet.Of(set.Set, seen[0].Id, seen[^1].Id).ToTileMatrixSet(), seen);
    }

    private static bool IsWhole(ServedLayer layer, ServedSet set) => set.Set.Id == layer.Set.Id || layer.ExtraSets.Any(extra => extra.Set.Id == set.Set.Id);

    private static bool IsSeen(GeographicBounds bounds, TileMatrixSet set, ServedLevel level)
    {
        var crs = Crs.Parse(set.Crs);
        var shrink = crs.IsGeographic ? 1 : Math.Cos((bounds.South + bounds.North) / 2 * Math.PI / 180);
        var cell = level.Matrix.CellSize * crs.MetersPerUnit / Crs.MetersPerDegree;
        return (bounds.East - bounds.West) * shrink >= 2 * cell && (bounds.North - bounds.South) * shrink >= 2 * cell;
    }

    /// <summary>The OGC's name of a set that is one of its own, else the address of its definition here.</summary>
    private static string UriOf(TileMatrixSet set, string root) => set.Id switch
    {
        "PM" => "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
        Degrees => WorldCrs84Quad,

        // A part of a set has a name that says so.
        var part when part.StartsWith(Degrees + "_", StringComparison.Ordinal) => $"{WorldCrs84Quad}#{part}",
        _ => $"{root}/tileMatrixSets/{Uri.EscapeDataString(set.Id)}",
    };

    /// <summary>Sets in degrees have their origins longitude first here, which is CRS84's order.</summary>
    private static Crs CrsOf(TileMatrixSet set) => set.Crs == "EPSG:4326" ? Crs.Parse("CRS:84") : Crs.Parse(set.Crs);

    /// <summary>Whether a layer's values can go out in a format, as far as its own tiles tell.</summary>
    private static bool IsFor(ServedLayer layer, string mimeType)
    {
        var holdsValues = layer.MimeType == "image/x-bil;bits=32" && layer.DefaultStyle.Document is null;
        return mimeType switch
        {
            "image/png" or "image/jpeg" or "image/webp" => !holdsValues,
            "image/x-bil;bits=32" or "text/asc" => holdsValues,
            _ => true,
        };
    }

    private static JsonObject Style(OgcApiCollection collection, LayerStyle style, string address)
    {
        var own = $"{address}/{Uri.EscapeDataString(style.Id)}";
        var links = new JsonArray();
        if (collection.Maps is not null)
            links.Add(OgcApiLink.Of(Relations.Map, own + "/map", MapFormats[0].MimeType, "A map in this style"));
        if (collection.Tiles is not null)
            links.Add(OgcApiLink.Of(Relations.MapTilesets, own + "/map/tiles", OgcApiLink.Json, "Tilesets in this style"));
        return new JsonObject { ["id"] = style.Id, ["title"] = style.Title.Length > 0 ? style.Title : style.Id, ["links"] = links };
    }

    private static string AddressOf(OgcApiCollection collection, string root) => $"{root}/collections/{Uri.EscapeDataString(collection.Id)}";

    private static string TilesAddressOf(OgcApiCollection collection, LayerStyle? style, string root) =>
        AddressOf(collection, root) + (style is null ? "" : $"/styles/{Uri.EscapeDataString(style.Id)}") + "/map/tiles";
}
