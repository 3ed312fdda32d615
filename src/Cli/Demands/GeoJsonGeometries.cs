using System.Text.Json;
using Grid.Cli.Api;
using NetTopologySuite.Geometries;

namespace Grid.Cli.Demands;

/// <summary>Geometries of GeoJSON (RFC 7946): of geometries, features and collections, a text a line or one over many lines.</summary>
internal static class GeoJsonGeometries
{
    private static readonly GeometryFactory s_factory = new();

    /// <exception cref="DeliveryException">The text is no GeoJSON.</exception>
    public static IEnumerable<Geometry> Read(TextReader text)
    {
        var all = text.ReadToEnd();
        var lines = all.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return (lines.Length > 0 && lines.All(IsWhole) ? lines : [all]).SelectMany(Parse);
    }

    private static bool IsWhole(string line) => line.StartsWith('{') && line.EndsWith('}');

    private static IReadOnlyList<Geometry> Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. Of(document.RootElement)];
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException or FormatException)
        {
            throw new DeliveryException($"the geometries are no GeoJSON: {wrong.Message}");
        }
    }

    private static IEnumerable<Geometry> Of(JsonElement node)
    {
        var type = node.GetProperty("type").GetString();
        return type switch
        {
            "FeatureCollection" => node.GetProperty("features").EnumerateArray().SelectMany(Of),
            "GeometryCollection" => node.GetProperty("geometries").EnumerateArray().SelectMany(Of),
            "Feature" => node.GetProperty("geometry") is { ValueKind: JsonValueKind.Object } geometry ? Of(geometry) : [],
            _ => [Simple(type, node.GetProperty("coordinates"))],
        };
    }

    private static Geometry Simple(string? type, JsonElement coordinates) => type switch
    {
        "Point" => s_factory.CreatePoint(Position(coordinates)),
        "MultiPoint" => s_factory.CreateMultiPointFromCoords(Positions(coordinates)),
        "LineString" => s_factory.CreateLineString(Positions(coordinates)),
        "MultiLineString" => s_factory.CreateMultiLineString([.. coordinates.EnumerateArray().Select(line => s_factory.CreateLineString(Positions(line)))]),
        "Polygon" => Polygon(coordinates),
        "MultiPolygon" => s_factory.CreateMultiPolygon([.. coordinates.EnumerateArray().Select(Polygon)]),
        _ => throw new FormatException($"\"{type}\" is no type of geometry"),
    };

    private static Polygon Polygon(JsonElement rings)
    {
        var all = rings.EnumerateArray().Select(ring => s_factory.CreateLinearRing(Positions(ring))).ToList();
        return s_factory.CreatePolygon(all[0], [.. all.Skip(1)]);
    }

    private static Coordinate[] Positions(JsonElement positions) => [.. positions.EnumerateArray().Select(Position)];

    private static Coordinate Position(JsonElement position) => new(position[0].GetDouble(), position[1].GetDouble());
}
