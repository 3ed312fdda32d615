using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Cli.Api;

namespace Grid.Cli.Producer;

/// <summary>Reads fields of the API's entities, whose numbers may come as strings and whose optional fields may be absent.</summary>
public static class Json
{
    /// <summary>The entity's <c>_id</c>.</summary>
    public static string Id(JsonNode entity) => (string?)entity["_id"] ?? throw new DeliveryException($"the server sent an entity without _id: {entity.ToJsonString()}");

    /// <summary>A text field, with a number or boolean as its text; null when absent.</summary>
    public static string? Text(JsonNode? field) => field?.ToString();

    /// <summary>A number field; null when absent or no number.</summary>
    public static double? Number(JsonNode? field) =>
        field is not null && double.TryParse(field.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A whole number field; 0 when absent.</summary>
    public static long Long(JsonNode? field) => (long)(Number(field) ?? 0);

    /// <summary>A date field; null when absent or no date.</summary>
    public static DateTimeOffset? Date(JsonNode? field) =>
        field is not null && DateTimeOffset.TryParse(field.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;
}
