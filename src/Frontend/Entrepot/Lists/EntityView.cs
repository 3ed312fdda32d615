using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;

namespace Grid.Frontend.Entrepot.Lists;

/// <summary>Shows a row of the catalogue as the REST API does.</summary>
public static class EntityView
{
    private static readonly HashSet<string> Dates = ["creation", "update", "start", "finish", "launch"];

    /// <summary>
    /// The row (<c>to_jsonb</c> of it) with <c>id</c> as <c>_id</c>, dates in UTC and the keys of <c>doc</c> beside the columns. The columns
    /// <c>doc</c>, <c>datastore</c>, <c>last_event</c> (whose object is in the doc), nulls and <paramref name="hidden"/> are left out.
    /// </summary>
    public static JsonObject Show(JsonObject row, params ReadOnlySpan<string> hidden)
    {
        var shown = new JsonObject { ["_id"] = row["id"]?.DeepClone() };
        foreach (var (column, value) in row)
        {
            if (value is null || column is "id" or "doc" or "datastore" or "last_event" || hidden.Contains(column))
                continue;
            shown[column] = Dates.Contains(column) ? Date((string)value!) : value.DeepClone();
        }

        if (row["doc"] is JsonObject doc)
        {
            foreach (var (key, value) in doc)
            {
                if (!shown.ContainsKey(key) && value is not null)
                    shown[key] = value.DeepClone();
            }
        }

        return shown;
    }

    /// <summary>A date of PostgreSQL's JSON in the Entrepôt's form.</summary>
    public static string Date(string text) => EntrepotJson.Date(
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));
}
