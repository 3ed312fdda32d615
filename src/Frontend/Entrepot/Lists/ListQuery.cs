using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Npgsql;

namespace Grid.Frontend.Entrepot.Lists;

/// <summary>
/// Answers list requests: a bare array, one page of it, and <c>Content-Range: first-last/total</c> whose total is exact, since clients ask for
/// pages until they hold that many.
/// </summary>
public sealed class ListQuery(NpgsqlDataSource database)
{
    /// <summary>Rows a page at most, and when the caller names no limit: many clients never ask for a second page.</summary>
    public const int MaxLimit = 10_000;

    /// <summary>Lists rows of a table.</summary>
    /// <param name="list">What the resource can be filtered and sorted by.</param>
    /// <param name="scope">Adds the conditions that the caller cannot change, for example the datastore.</param>
    /// <param name="view">Shows a row (see <see cref="EntityView"/>).</param>
    public async Task<IResult> AnswerAsync(HttpContext http, EntityList list, Action<ListFilter> scope, Func<JsonObject, JsonObject> view)
    {
        var filter = new ListFilter();
        scope(filter);
        list.Apply(http.Request.Query, filter);
        var (page, limit) = Page(http.Request.Query);
        // Total and page come from one statement, so from one snapshot.
        await using var command = database.CreateCommand(
            $"""
            select (select count(*) from {list.Table} t where {filter.Sql}), page.row
            from (values (1)) one(x) left join (
              select to_jsonb(t)::text as row, row_number() over (order by {list.OrderBy(http.Request.Query)}, t.id) as position
              from {list.Table} t where {filter.Sql} order by position limit @limit offset @offset) page on true
            order by page.position
            """);
        filter.Bind(command);
        command.Parameters.AddWithValue("limit", (long)limit);
        command.Parameters.AddWithValue("offset", (page - 1L) * limit);
        var rows = new List<JsonObject>();
        long total = 0;
        await using var reader = await command.ExecuteReaderAsync(http.RequestAborted);
        while (await reader.ReadAsync(http.RequestAborted))
        {
            total = reader.GetInt64(0);
            if (!reader.IsDBNull(1))
                rows.Add(view(JsonNode.Parse(reader.GetString(1))!.AsObject()));
        }

        return Answer(http, rows, total, page, limit);
    }

    /// <summary>Lists items that are at hand already, filtered by the caller: applies the page and the fields.</summary>
    public static IResult Answer(HttpContext http, IReadOnlyCollection<JsonObject> items)
    {
        var (page, limit) = Page(http.Request.Query);
        return Answer(http, [.. items.Skip((int)Math.Min(int.MaxValue, (page - 1L) * limit)).Take(limit)], items.Count, page, limit);
    }

    /// <summary>The page asked for, from 1, and its limit.</summary>
    public static (int Page, int Limit) Page(IQueryCollection query) =>
        (query.Number("page", 1, 1, int.MaxValue), query.Number("limit", MaxLimit, 1, MaxLimit));

    /// <summary>Sets <c>Content-Range</c> for <paramref name="count"/> items of a page.</summary>
    public static void SetContentRange(HttpContext http, int count, long total, int page, int limit)
    {
        var first = ((page - 1L) * limit) + 1;
        http.Response.Headers.ContentRange = count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"0-0/{total}")
            : string.Create(CultureInfo.InvariantCulture, $"{first}-{first + count - 1}/{total}");
    }

    /// <summary>True when text matches a filter's value: equality, or a case-insensitive pattern when the value holds <c>%</c>.</summary>
    public static bool Matches(string? text, string? wanted)
    {
        if (wanted is null)
            return true;
        if (!wanted.Contains('%'))
            return text == wanted;
        var parts = wanted.Split('%');
        return text is not null && System.Text.RegularExpressions.Regex.IsMatch(
            text, "^" + string.Join(".*", parts.Select(System.Text.RegularExpressions.Regex.Escape)) + "$",
            System.Text.RegularExpressions.RegexOptions.IgnoreCase | System.Text.RegularExpressions.RegexOptions.Singleline
            | System.Text.RegularExpressions.RegexOptions.NonBacktracking);
    }

    private static IResult Answer(HttpContext http, IReadOnlyList<JsonObject> items, long total, int page, int limit)
    {
        SetContentRange(http, items.Count, total, page, limit);
        var fields = http.Request.Query.List("fields");
        return EntrepotJson.Ok(new JsonArray([.. items.Select(item => (JsonNode)Project(item, fields))]));
    }

    /// <summary><c>fields</c> replaces the default set of columns; the id and the two dates always come.</summary>
    private static JsonObject Project(JsonObject item, IReadOnlyList<string> fields)
    {
        if (fields.Count == 0)
            return item;
        var projected = new JsonObject();
        foreach (var (key, value) in item)
        {
            if (key is "_id" or "creation" or "update" || fields.Contains(key))
                projected[key] = value?.DeepClone();
        }

        return projected;
    }
}
