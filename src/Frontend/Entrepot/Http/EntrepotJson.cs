using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grid.Frontend.Entrepot.Http;

/// <summary>How the Entrepôt writes JSON: accents as they are, dates in UTC with at most six fractional digits.</summary>
public static class EntrepotJson
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // The tree of an upload's files is as deep as twice their folders, which the length of paths alone bounds.
        MaxDepth = 4096,
    };

    public static string Date(DateTimeOffset date) => date.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture);

    /// <summary>200 with a node.</summary>
    public static IResult Ok(JsonNode node) => Results.Json(node, Options);

    /// <summary>201 with a node.</summary>
    public static IResult Created(JsonNode node) => Results.Json(node, Options, statusCode: StatusCodes.Status201Created);
}
