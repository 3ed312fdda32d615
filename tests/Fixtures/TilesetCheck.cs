using System.Text.Json.Nodes;

namespace Grid.Fixtures;

/// <summary>A tile with points, as a client of 3D Tiles sees it.</summary>
/// <param name="Uri">From the tileset's root.</param>
/// <param name="Places">EPSG:4978: x, y, z of one point after another.</param>
public sealed record CheckedTile(string Uri, GltfFile File, double[] Places, double GeometricError, bool IsLeaf);

/// <summary>
/// Walks a tileset from its first document as a client does, and holds what it finds against OGC 3D Tiles 1.1: members and their values, boxes that hold
/// their points and their children, errors that decrease. Boxes only; content is glTF of points or other documents.
/// </summary>
public sealed class TilesetCheck
{
    private static readonly string[] TileMembers = ["boundingVolume", "viewerRequestVolume", "geometricError", "refine", "transform", "content", "contents", "children", "implicitTiling", "metadata", "extensions", "extras"];
    private static readonly string[] TilesetMembers = ["asset", "properties", "schema", "schemaUri", "statistics", "groups", "metadata", "geometricError", "root", "extensionsUsed", "extensionsRequired", "extensions", "extras"];
    private readonly Func<string, Task<byte[]>> _read;
    private readonly List<string> _findings = [];
    private readonly List<CheckedTile> _tiles = [];

    private TilesetCheck(Func<string, Task<byte[]>> read) => _read = read;

    /// <summary>What is not as it should be, with the place of each.</summary>
    public IReadOnlyList<string> Findings => _findings;

    public IReadOnlyList<CheckedTile> Tiles => _tiles;

    public int Documents { get; private set; }

    public long Points => _tiles.Sum(tile => (long)tile.File.Count);

    /// <summary>The first document.</summary>
    public JsonNode Root { get; private set; } = new JsonObject();

    /// <summary>Reads all of a tileset.</summary>
    /// <param name="read">Content of a name within the tileset, not compressed.</param>
    public static async Task<TilesetCheck> ReadAsync(Func<string, Task<byte[]>> read)
    {
        var check = new TilesetCheck(read);
        check.Root = await check.ReadDocumentAsync("tileset.json", Identity(), double.PositiveInfinity, null);
        return check;
    }

    private async Task<JsonNode> ReadDocumentAsync(string uri, double[] transform, double error, Box3? within)
    {
        Documents++;
        var document = JsonNode.Parse(await _read(uri))!;
        Require((string?)document["asset"]?["version"] == "1.1", uri, "asset.version is 1.1");
        RequireMembers(document, TilesetMembers, uri);
        Require(Number(document["geometricError"]) is >= 0, uri, "geometricError is a number from 0");
        Require((string?)document["root"]?["refine"] is "ADD" or "REPLACE", uri, "the root refines by ADD or REPLACE");
        await ReadTileAsync(uri, document["root"]!, transform, Math.Min(error, Number(document["geometricError"]) ?? 0), within);
        return document;
    }

    private async Task ReadTileAsync(string document, JsonNode tile, double[] parent, double error, Box3? within)
    {
        RequireMembers(tile, TileMembers, document);
        var own = tile["transform"]?.AsArray().Select(value => (double)value!).ToArray() ?? Identity();
        Require(own.Length == 16 && own[3] == 0 && own[7] == 0 && own[11] == 0 && own[15] == 1, document, "a transform is affine");
        var transform = Product(parent, own);
        var box = ReadBox(document, tile, transform);
        var ownError = Number(tile["geometricError"]) ?? -1;
        Require(ownError >= 0 && ownError <= error, document, $"a tile's error of {ownError} is at most its parent's, {error}");
        if (within is { } outer)
            Require(box.Corners.All(corner => outer.Contains(corner)), document, $"a tile's box is within its parent's");
        var children = tile["children"]?.AsArray();
        Require(children is null || children.Count > 0, document, "children are left out when there is none");
        if ((string?)tile["content"]?["uri"] is { } relative)
        {
            var uri = Resolve(document, relative);
            if (uri.EndsWith(".json", StringComparison.Ordinal))
                await ReadDocumentAsync(uri, transform, ownError, box);
            else
                await ReadPointsAsync(uri, transform, box, ownError, children is null);
        }

        foreach (var child in children ?? [])
            await ReadTileAsync(document, child!, transform, ownError, box);
    }

    private async Task ReadPointsAsync(string uri, double[] transform, Box3 box, double error, bool isLeaf)
    {
        var file = new GltfFile(await _read(uri));
        _findings.AddRange(file.Findings.Select(finding => $"{uri}: {finding}"));
        var places = new double[file.Positions.Length];
        var outside = 0;
        for (var i = 0; i < places.Length; i += 3)
        {
            // glTF's y axis is up, that of tiles is north: 3D Tiles 1.1, § 6.7.1.6.2.
            double x = file.Positions[i], y = -file.Positions[i + 2], z = file.Positions[i + 1];
            for (var row = 0; row < 3; row++)
                places[i + row] = (transform[row] * x) + (transform[4 + row] * y) + (transform[8 + row] * z) + transform[12 + row];
            outside += box.Contains(places.AsSpan(i, 3)) ? 0 : 1;
        }

        Require(outside == 0, uri, $"all points are within the tile's box, but {outside} of {file.Count} are");
        _tiles.Add(new CheckedTile(uri, file, places, error, isLeaf));
    }

    private Box3 ReadBox(string document, JsonNode tile, double[] transform)
    {
        var box = tile["boundingVolume"]?["box"]?.AsArray().Select(value => (double)value!).ToArray() ?? [];
        if (box.Length != 12)
        {
            _findings.Add($"{document}: a box has 12 numbers");
            return new Box3(new double[12]);
        }

        var placed = new double[12];
        for (var i = 0; i < 12; i++)
        {
            var (vector, row) = (i / 3 * 3, i % 3);
            placed[i] = (transform[row] * box[vector]) + (transform[4 + row] * box[vector + 1]) + (transform[8 + row] * box[vector + 2]) + (vector == 0 ? transform[12 + row] : 0);
        }

        return new Box3(placed);
    }

    private void RequireMembers(JsonNode node, string[] known, string place)
    {
        foreach (var (name, _) in node.AsObject())
            Require(known.Contains(name), place, $"{name} is a member that the standard knows");
    }

    private void Require(bool holds, string place, string what)
    {
        if (!holds)
            _findings.Add($"{place}: not so: {what}");
    }

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number) ? number : null;

    private static string Resolve(string document, string relative) =>
        new Uri(new Uri("http://tiles.invalid/" + document), relative).AbsolutePath[1..];

    private static double[] Identity() => [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];

    private static double[] Product(double[] a, double[] b)
    {
        var product = new double[16];
        for (var column = 0; column < 4; column++)
        {
            for (var row = 0; row < 4; row++)
            {
                for (var i = 0; i < 4; i++)
                    product[(4 * column) + row] += a[(4 * i) + row] * b[(4 * column) + i];
            }
        }

        return product;
    }

    /// <summary>A box in EPSG:4978: centre, and half of each edge.</summary>
    private sealed record Box3(double[] Numbers)
    {
        public IEnumerable<double[]> Corners => from i in Enumerable.Range(0, 8)
                                                select (double[])[.. Enumerable.Range(0, 3).Select(axis => Numbers[axis]
                                                    + ((i & 1) == 0 ? -Numbers[3 + axis] : Numbers[3 + axis]) + ((i & 2) == 0 ? -Numbers[6 + axis] : Numbers[6 + axis])
                                                    + ((i & 4) == 0 ? -Numbers[9 + axis] : Numbers[9 + axis]))];

        /// <summary>Half a millimetre is what decimals of a document may cost.</summary>
        public bool Contains(ReadOnlySpan<double> place)
        {
            for (var edge = 3; edge < 12; edge += 3)
            {
                var (along, square) = (0.0, 0.0);
                for (var axis = 0; axis < 3; axis++)
                {
                    along += (place[axis] - Numbers[axis]) * Numbers[edge + axis];
                    square += Numbers[edge + axis] * Numbers[edge + axis];
                }

                if (Math.Abs(along) > square + (0.0005 * Math.Sqrt(square)))
                    return false;
            }

            return true;
        }
    }
}
