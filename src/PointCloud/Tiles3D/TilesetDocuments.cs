using System.Buffers;
using System.Text.Json;
using Grid.PointCloud.Copc;
using Grid.PointCloud.Geodesy;

namespace Grid.PointCloud.Tiles3D;

/// <summary>What a tileset's documents say of the cloud as a whole.</summary>
/// <param name="Frame">What boxes and tiles are placed in.</param>
/// <param name="Spacing">Metres between points of the root octant.</param>
/// <param name="Crs">The cloud's own, as it was given.</param>
/// <param name="Heights">A sentence: how heights of the cloud became heights above the ellipsoid.</param>
/// <param name="MinZ">Height of the frame's origin in the cloud's own system.</param>
public sealed record TilesetHead(LocalFrame Frame, double Spacing, string Crs, string Heights, bool HasColor, double MinZ);

/// <summary>
/// Writes the documents of a tileset (3D Tiles 1.1): <c>tileset.json</c> with the coarse levels, and one document for each octant a few levels further down,
/// so that a viewer reads what it looks at. The tree is explicit: boxes are as tight as the points, and every viewer reads it.
/// </summary>
public static class TilesetDocuments
{
    /// <summary>Name of the first document.</summary>
    public const string RootName = "tileset.json";

    /// <summary>
    /// A tile's geometric error, in spacings of its points. Viewers refine a tile when its error is more than some 16 pixels: points then have two pixels
    /// between them, so that they cover the ground when drawn two or three wide.
    /// </summary>
    private const double SpacingsOfError = 8;

    private const int LevelsOfDocument = 5;

    /// <summary>Boxes are written to the millimetre, outwards.</summary>
    private const double Unit = 0.001;

    /// <summary>The documents, the first one last: where it is there, all it names is.</summary>
    /// <param name="tiles">All of the tileset.</param>
    /// <returns>Name within the tileset and content, not compressed.</returns>
    /// <exception cref="ArgumentException">There is no tile.</exception>
    public static IEnumerable<(string Name, byte[] Content)> Write(TilesetHead head, TilePart tiles)
    {
        if (tiles.Tiles.Count == 0)
            throw new ArgumentException("a tileset has at least one tile");
        var tree = Tree(tiles.Tiles);
        foreach (var octant in tree.Keys.Where(key => key.Level > 0 && key.Level % LevelsOfDocument == 0 && tree[key].HasChildren).Order())
            yield return (DocumentOf(octant), Document(head, tree, octant, null));
        yield return (RootName, Document(head, tree, OctantKey.Root, tiles.Statistics));
    }

    private static string DocumentOf(OctantKey octant) => $"trees/{octant}.json";

    /// <summary>All octants with points or with such octants within, and boxes that hold both.</summary>
    private static Dictionary<OctantKey, Node> Tree(IReadOnlyList<TileEntry> tiles)
    {
        var tree = new Dictionary<OctantKey, Node>(tiles.Count * 4 / 3);
        foreach (var tile in tiles)
            tree.Add(tile.Octant, new Node(tile.Box, HasContent: true, HasChildren: false));
        // Finest first: when a level is reached, its octants have all that is within them.
        for (var level = tiles.Max(tile => tile.Octant.Level); level > 0; level--)
        {
            foreach (var (key, node) in tree.Where(pair => pair.Key.Level == level).ToArray())
            {
                tree[key.Parent] = tree.TryGetValue(key.Parent, out var parent)
                    ? parent with { Box = parent.Box.With(node.Box), HasChildren = true }
                    : new Node(node.Box, HasContent: false, HasChildren: true);
            }
        }

        return tree;
    }

    private static byte[] Document(TilesetHead head, Dictionary<OctantKey, Node> tree, OctantKey root, TileStatistics? statistics)
    {
        var buffer = new ArrayBufferWriter<byte>(1 << 14);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("asset");
            json.WriteString("version", "1.1");
            if (statistics is not null)
                WriteExtras(json, head, statistics);
            json.WriteEndObject();
            // Without any tile, as much is missing as twice the root's error.
            json.WriteNumber("geometricError", 2 * ErrorOf(head, root));
            json.WritePropertyName("root");
            WriteTile(json, head, tree, root, root);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteExtras(Utf8JsonWriter json, TilesetHead head, TileStatistics statistics)
    {
        json.WriteStartObject("extras");
        json.WriteString("crs", head.Crs);
        json.WriteString("heights", head.Heights);
        json.WriteNumber("points", statistics.Count);
        json.WriteBoolean("hasColor", head.HasColor);
        var hasHeights = statistics.MinZ <= statistics.MaxZ;
        json.WriteNumber("minHeight", hasHeights ? statistics.MinZ : head.MinZ);
        json.WriteNumber("maxHeight", hasHeights ? statistics.MaxZ : head.MinZ);
        json.WriteNumber("geoidHeight", Math.Round(head.Frame.Height - head.MinZ, 3));
        json.WriteNumber("lowIntensity", statistics.Intensity(0.02));
        json.WriteNumber("highIntensity", statistics.Intensity(0.98));
        json.WriteStartObject("classes");
        for (var i = 0; i < statistics.ByClass.Length; i++)
        {
            if (statistics.ByClass[i] > 0)
                json.WriteNumber($"{i}", statistics.ByClass[i]);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteTile(Utf8JsonWriter json, TilesetHead head, Dictionary<OctantKey, Node> tree, OctantKey octant, OctantKey documentRoot)
    {
        var node = tree[octant];
        json.WriteStartObject();
        if (octant == OctantKey.Root)
        {
            json.WriteStartArray("transform");
            foreach (var value in head.Frame.Matrix)
                json.WriteNumberValue(value);
            json.WriteEndArray();
        }

        WriteBox(json, node.Box);
        json.WriteNumber("geometricError", node.HasChildren ? ErrorOf(head, octant) : 0);
        if (octant == documentRoot)
            json.WriteString("refine", "ADD");
        var isElsewhere = octant != documentRoot && octant.Level % LevelsOfDocument == 0 && node.HasChildren;
        var folder = documentRoot == OctantKey.Root ? "" : "../";
        if (isElsewhere || node.HasContent)
        {
            json.WriteStartObject("content");
            json.WriteString("uri", folder + (isElsewhere ? DocumentOf(octant) : CopcTiler.NameOf(octant)));
            json.WriteEndObject();
        }

        if (node.HasChildren && !isElsewhere)
        {
            json.WriteStartArray("children");
            for (var i = 0; i < 8; i++)
            {
                if (tree.ContainsKey(octant.Child(i)))
                    WriteTile(json, head, tree, octant.Child(i), documentRoot);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteBox(Utf8JsonWriter json, Box box)
    {
        ReadOnlySpan<double> min = [Down(box.Min.X), Down(box.Min.Y), Down(box.Min.Z)];
        ReadOnlySpan<double> max = [Up(box.Max.X), Up(box.Max.Y), Up(box.Max.Z)];
        json.WriteStartObject("boundingVolume");
        json.WriteStartArray("box");
        for (var i = 0; i < 3; i++)
            json.WriteNumberValue(Math.Round((min[i] + max[i]) / 2, 4));
        for (var i = 0; i < 9; i++)
            json.WriteNumberValue(i % 4 == 0 ? Math.Round((max[i / 4] - min[i / 4]) / 2, 4) : 0);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static double Down(double value) => (Math.Floor(value / Unit) - 1) * Unit;

    private static double Up(double value) => (Math.Ceiling(value / Unit) + 1) * Unit;

    private static double ErrorOf(TilesetHead head, OctantKey octant) => Math.ScaleB(head.Spacing * SpacingsOfError, -octant.Level);

    private readonly record struct Node(Box Box, bool HasContent, bool HasChildren);
}
