using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grid.Frontend.Tiles3D;

/// <summary>What a document that names tilesets says of each: where it is on the earth, how coarse, and what its legend needs.</summary>
/// <param name="Box">Bounding box in EPSG:4978: centre, then half of each edge.</param>
/// <param name="Error">Geometric error of its root tile, in metres.</param>
public sealed record TilesetRoot(double[] Box, double Error, JsonObject Extras)
{
    /// <summary>Reads a tileset's first document.</summary>
    public static TilesetRoot Read(ReadOnlySpan<byte> json)
    {
        var document = JsonNode.Parse(json)!;
        var root = document["root"]!;
        var transform = Numbers(root["transform"]!);
        var box = Numbers(root["boundingVolume"]!["box"]!);
        var turned = new double[12];
        for (var vector = 0; vector < 4; vector++)
        {
            for (var row = 0; row < 3; row++)
            {
                turned[(3 * vector) + row] = (transform[row] * box[3 * vector]) + (transform[4 + row] * box[(3 * vector) + 1]) + (transform[8 + row] * box[(3 * vector) + 2])
                    + (vector == 0 ? transform[12 + row] : 0);
            }
        }

        return new TilesetRoot(turned, (double)root["geometricError"]!, document["asset"]!["extras"]!.DeepClone().AsObject());
    }

    /// <summary>One document (3D Tiles 1.1) that shows all of them.</summary>
    /// <param name="parts">Address of each from the document's, and its root; at least one.</param>
    public static byte[] Together(IReadOnlyList<(string Uri, TilesetRoot Root)> parts)
    {
        var error = 2 * parts.Max(part => part.Root.Error);
        var children = parts.Select(part => new JsonObject
        {
            ["boundingVolume"] = Volume(part.Root.Box),
            ["geometricError"] = part.Root.Error,
            ["refine"] = "ADD",
            ["content"] = new JsonObject { ["uri"] = part.Uri },
        }).ToList();
        var document = new JsonObject
        {
            ["asset"] = new JsonObject { ["version"] = "1.1", ["extras"] = Sum([.. parts.Select(part => part.Root.Extras)]) },
            ["geometricError"] = error,
            ["root"] = parts.Count == 1 ? children[0] : new JsonObject
            {
                ["boundingVolume"] = Volume(Around([.. parts.Select(part => part.Root.Box)])),
                ["geometricError"] = error,
                ["refine"] = "ADD",
                ["children"] = new JsonArray([.. children]),
            },
        };
        return JsonSerializer.SerializeToUtf8Bytes(document);
    }

    private static JsonObject Sum(IReadOnlyList<JsonObject> all)
    {
        var extras = all[0].DeepClone().AsObject();
        foreach (var other in all.Skip(1))
        {
            extras["points"] = (long)extras["points"]! + (long)other["points"]!;
            extras["hasColor"] = (bool)extras["hasColor"]! | (bool)other["hasColor"]!;
            foreach (var least in (string[])["minHeight", "lowIntensity"])
                extras[least] = Math.Min((double)extras[least]!, (double)other[least]!);
            foreach (var greatest in (string[])["maxHeight", "highIntensity"])
                extras[greatest] = Math.Max((double)extras[greatest]!, (double)other[greatest]!);
            var classes = extras["classes"]!.AsObject();
            foreach (var (code, count) in other["classes"]!.AsObject())
                classes[code] = (long)(classes[code] ?? 0) + (long)count!;
        }

        return extras;
    }

    /// <summary>The box along the axes of EPSG:4978 that holds all.</summary>
    private static double[] Around(IReadOnlyList<double[]> boxes)
    {
        var around = new double[12];
        for (var axis = 0; axis < 3; axis++)
        {
            var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
            foreach (var box in boxes)
            {
                var half = Math.Abs(box[3 + axis]) + Math.Abs(box[6 + axis]) + Math.Abs(box[9 + axis]);
                (min, max) = (Math.Min(min, box[axis] - half), Math.Max(max, box[axis] + half));
            }

            (around[axis], around[3 + (4 * axis)]) = ((min + max) / 2, (max - min) / 2);
        }

        return around;
    }

    private static JsonObject Volume(double[] box) => new() { ["box"] = new JsonArray([.. box.Select(number => (JsonNode)number)]) };

    private static double[] Numbers(JsonNode array) => [.. array.AsArray().Select(number => (double)number!)];
}
