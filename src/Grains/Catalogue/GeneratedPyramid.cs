using System.Text.Json.Nodes;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Grid.Tiling;

namespace Grid.Grains.Catalogue;

/// <summary>What a finished pyramid adds to its stored data.</summary>
public static class GeneratedPyramid
{
    /// <summary>Sets <c>type_infos</c> (levels as strings, coarsest first; how many files can be downloaded, if any) and <c>extent</c> (a GeoJSON polygon in degrees).</summary>
    public static void Describe(PyramidSummary pyramid, JsonObject doc)
    {
        doc["type_infos"] = new JsonObject
        {
            ["tms"] = pyramid.TileMatrixSet,
            ["levels"] = new JsonArray([.. pyramid.Levels.Select(level => (JsonNode)level)]),
            ["channels_format"] = pyramid.SampleFormat,
            ["channels_number"] = pyramid.Channels,
            ["compression"] = pyramid.Compression,
            ["nodata_value"] = pyramid.Nodata,
        };
        if (pyramid.Tiles is { } tiles)
            doc["type_infos"]!["files"] = tiles.Files.Count;
        doc["extent"] = Polygon(pyramid.Bounds[0], pyramid.Bounds[1], pyramid.Bounds[2], pyramid.Bounds[3]);
    }

    /// <summary>The same for COPC files: what the pyramid is, its points and how many files hold them.</summary>
    public static void Describe(PointCloudSummary cloud, JsonObject doc)
    {
        doc["type_infos"] = new JsonObject
        {
            ["pyramid_type"] = "COPC",
            ["points"] = cloud.Points,
            ["files"] = cloud.Files.Count,
            ["point_format"] = cloud.Files[0].PointFormat,
        };
        doc["extent"] = Polygon(cloud.Bounds[0], cloud.Bounds[1], cloud.Bounds[2], cloud.Bounds[3]);
    }

    /// <summary>The CRS of the pyramid's tile matrix set, authority and code.</summary>
    public static string? CrsOf(PyramidSummary pyramid) => TileMatrixSets.Find(pyramid.TileMatrixSet)?.Crs;

    private static JsonObject Polygon(double west, double south, double east, double north) => new()
    {
        ["type"] = "Polygon",
        ["coordinates"] = new JsonArray(new JsonArray(
            Position(west, south), Position(east, south), Position(east, north), Position(west, north), Position(west, south))),
    };

    private static JsonArray Position(double longitude, double latitude) => new(longitude, latitude);
}
