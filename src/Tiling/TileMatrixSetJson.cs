using System.Globalization;
using System.Text.Json;

namespace Grid.Tiling;

/// <summary>
/// Reads and writes a tile matrix set as ROK4 and OGC 17-083r4 Annex A have it in JSON. Scale denominators are computed when written, and never
/// trusted when read: a published file carries a wrong one.
/// </summary>
public static class TileMatrixSetJson
{
    private const int MaxMatrices = 64;

    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    /// <summary>
    /// Reads a set. <paramref name="id"/> names it in place of the text's own identifier (ROK4 goes by the file's name). <c>crs</c> may be a name, a
    /// URN, a URI or an object with <c>uri</c>; points of origin follow <c>orderedAxes</c>. Throws <see cref="InvalidTileMatrixSetException"/>.
    /// </summary>
    public static TileMatrixSet Read(ReadOnlyMemory<byte> utf8, string? id = null)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return Read(document.RootElement, id);
        }
        catch (JsonException e)
        {
            throw new InvalidTileMatrixSetException($"The tile matrix set is not JSON: {e.Message}", e);
        }
    }

    /// <summary>UTF-8 text; origins are x (or longitude) first, and <c>orderedAxes</c> says so.</summary>
    public static byte[] Write(TileMatrixSet set)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_indented))
        {
            json.WriteStartObject();
            json.WriteString("id", set.Id);
            if (set.Title is not null)
                json.WriteString("title", set.Title);
            json.WriteString("crs", set.Crs);
            json.WriteStartArray("orderedAxes");
            var geographic = Tiling.Crs.Parse(set.Crs).IsGeographic;
            json.WriteStringValue(geographic ? "Lon" : "X");
            json.WriteStringValue(geographic ? "Lat" : "Y");
            json.WriteEndArray();
            json.WriteStartArray("tileMatrices");
            foreach (var matrix in set.Matrices)
            {
                json.WriteStartObject();
                json.WriteString("id", matrix.Id);
                json.WriteNumber("scaleDenominator", set.ScaleDenominatorOf(matrix));
                json.WriteNumber("cellSize", matrix.CellSize);
                json.WriteString("cornerOfOrigin", "topLeft");
                json.WriteStartArray("pointOfOrigin");
                json.WriteNumberValue(matrix.OriginX);
                json.WriteNumberValue(matrix.OriginY);
                json.WriteEndArray();
                json.WriteNumber("tileWidth", matrix.TileWidth);
                json.WriteNumber("tileHeight", matrix.TileHeight);
                json.WriteNumber("matrixWidth", matrix.MatrixWidth);
                json.WriteNumber("matrixHeight", matrix.MatrixHeight);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static TileMatrixSet Read(JsonElement root, string? id)
    {
        id ??= OptionalText(root, "id") ?? throw new InvalidTileMatrixSetException("The tile matrix set has no id.");
        var crs = ReadCrs(Member(root, "crs", id), id);
        var latitudeFirst = root.TryGetProperty("orderedAxes", out var axes) && axes.ValueKind == JsonValueKind.Array && axes.GetArrayLength() > 0
            && axes[0].ToString() is { } first && (first.StartsWith("Lat", StringComparison.OrdinalIgnoreCase) || first is "N" or "Y");
        var matrices = Member(root, "tileMatrices", id);
        if (matrices.ValueKind != JsonValueKind.Array || matrices.GetArrayLength() is 0 or > MaxMatrices)
            throw new InvalidTileMatrixSetException($"Tile matrix set {id}: tileMatrices must list 1 to {MaxMatrices} matrices.");
        var read = matrices.EnumerateArray().Select(matrix => ReadMatrix(matrix, id, latitudeFirst)).OrderByDescending(matrix => matrix.CellSize).ToArray();
        if (read.Select(matrix => matrix.Id).Distinct().Count() != read.Length)
            throw new InvalidTileMatrixSetException($"Tile matrix set {id} has the same matrix twice.");
        return new TileMatrixSet(id, crs, read, OptionalText(root, "title"));
    }

    private static string ReadCrs(JsonElement crs, string id)
    {
        var name = crs.ValueKind == JsonValueKind.Object && crs.TryGetProperty("uri", out var uri) ? uri.ToString() : crs.ToString();
        return Tiling.Crs.TryParse(name, out var known)
            ? known.Name
            : throw new InvalidTileMatrixSetException($"Tile matrix set {id}: \"{name}\" is not a CRS name.");
    }

    private static TileMatrix ReadMatrix(JsonElement matrix, string id, bool latitudeFirst)
    {
        var level = OptionalText(matrix, "id") ?? throw new InvalidTileMatrixSetException($"Tile matrix set {id}: a matrix has no id.");
        var where = $"{id}, matrix {level}";
        if (OptionalText(matrix, "cornerOfOrigin") is { } corner && corner != "topLeft")
            throw new InvalidTileMatrixSetException($"Tile matrix set {where}: cornerOfOrigin {corner} is not supported, only topLeft.");
        if (matrix.TryGetProperty("variableMatrixWidths", out _))
            throw new InvalidTileMatrixSetException($"Tile matrix set {where}: variable matrix widths are not supported.");
        var origin = Member(matrix, "pointOfOrigin", where);
        if (origin.ValueKind != JsonValueKind.Array || origin.GetArrayLength() != 2)
            throw new InvalidTileMatrixSetException($"Tile matrix set {where}: pointOfOrigin must be two numbers.");
        var (x, y) = (Real(origin[0], "pointOfOrigin", where), Real(origin[1], "pointOfOrigin", where));
        var cell = Real(Member(matrix, "cellSize", where), "cellSize", where);
        if (!(cell > 0))
            throw new InvalidTileMatrixSetException($"Tile matrix set {where}: cellSize {cell.ToString(CultureInfo.InvariantCulture)} is not above 0.");
        return new TileMatrix(
            level, cell, latitudeFirst ? y : x, latitudeFirst ? x : y, Count(matrix, "matrixWidth", where, 1L << 40),
            Count(matrix, "matrixHeight", where, 1L << 40), (int)Count(matrix, "tileWidth", where, 4096), (int)Count(matrix, "tileHeight", where, 4096));
    }

    private static JsonElement Member(JsonElement owner, string name, string where) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var member)
            ? member
            : throw new InvalidTileMatrixSetException($"Tile matrix set {where}: {name} is missing.");

    private static double Real(JsonElement number, string name, string where) =>
        number.ValueKind == JsonValueKind.Number && number.TryGetDouble(out var value) && double.IsFinite(value)
            ? value
            : throw new InvalidTileMatrixSetException($"Tile matrix set {where}: {name} holds {number}, which is not a number.");

    private static long Count(JsonElement owner, string name, string where, long most)
    {
        var value = Real(Member(owner, name, where), name, where);
        return value >= 1 && value <= most && value == Math.Floor(value)
            ? (long)value
            : throw new InvalidTileMatrixSetException(
                $"Tile matrix set {where}: {name} is {value.ToString(CultureInfo.InvariantCulture)}, whole numbers from 1 to {most} are allowed.");
    }

    private static string? OptionalText(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;
}

/// <summary>A text that is not a tile matrix set that Grid can use; the message says where and why.</summary>
public sealed class InvalidTileMatrixSetException(string message, Exception? inner = null) : FormatException(message, inner);
