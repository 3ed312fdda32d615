using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Npgsql;

namespace Grid.Frontend.Entrepot.Lists;

/// <summary>Answers a request for the log of a check or processing execution: an array of lines, oldest first.</summary>
public sealed class LogQuery(NpgsqlDataSource database)
{
    /// <summary>Lines an answer at most, and when the caller names no limit: some clients never ask for a second page.</summary>
    public const int MaxLimit = 100_000;

    /// <summary>The lines of an execution, a page of them when <c>page</c> and <c>limit</c> ask for one, with their total in <c>Content-Range</c>.</summary>
    public async Task<IResult> AnswerAsync(HttpContext http, Guid execution)
    {
        var page = http.Request.Query.Number("page", 1, 1, int.MaxValue);
        var limit = http.Request.Query.Number("limit", MaxLimit, 1, MaxLimit);
        // Lines are numbered without a gap, so the last number is their count and a page is a range.
        await using var command = database.CreateCommand(
            """
            select text, (select max(line) from catalogue.log_line where execution = @execution)
            from catalogue.log_line where execution = @execution and line > @after and line <= @after + @limit order by line
            """);
        command.Parameters.AddWithValue("execution", execution);
        command.Parameters.AddWithValue("after", (page - 1L) * limit);
        command.Parameters.AddWithValue("limit", (long)limit);
        var lines = new JsonArray();
        long total = 0;
        await using (var reader = await command.ExecuteReaderAsync(http.RequestAborted))
        {
            while (await reader.ReadAsync(http.RequestAborted))
            {
                lines.Add(reader.GetString(0));
                total = reader.GetInt32(1);
            }
        }

        if (lines.Count == 0)
        {
            await using var count = database.CreateCommand("select coalesce(max(line), 0) from catalogue.log_line where execution = @execution");
            count.Parameters.AddWithValue("execution", execution);
            total = (int)(await count.ExecuteScalarAsync(http.RequestAborted))!;
        }

        ListQuery.SetContentRange(http, lines.Count, total, page, limit);
        return EntrepotJson.Ok(lines);
    }
}
