using System.Text.Json.Nodes;
using Grid.Grains.Catalogue;
using Grid.Interfaces.Uploads;
using Npgsql;

namespace Grid.Grains.Uploads;

/// <summary>The latest run of one check on an upload.</summary>
public sealed record LatestCheck(Guid Execution, Guid Check, string Status);

/// <summary>Rows of check executions: created by the upload's grain, and from then on written by the execution's own.</summary>
public sealed class CheckExecutions(NpgsqlDataSource database, CatalogueStore catalogue)
{
    /// <summary>Creates a run, WAITING.</summary>
    public async Task<Guid> CreateAsync(Guid datastore, Guid upload, Guid check, string? callbackJson)
    {
        var id = Guid.NewGuid();
        var doc = new JsonObject();
        if (callbackJson is not null)
            doc["callback"] = JsonNode.Parse(callbackJson);
        await catalogue.InsertAsync(
            EntityTable.CheckExecution, id,
            new Dictionary<string, object?> { ["datastore"] = datastore, ["upload"] = upload, ["check_id"] = check, ["status"] = CheckStatus.Waiting },
            doc);
        return id;
    }

    /// <summary>The latest run of each check on the upload: what decides the upload's state.</summary>
    public async Task<IReadOnlyList<LatestCheck>> LatestAsync(Guid upload)
    {
        await using var command = database.CreateCommand(
            "select distinct on (check_id) id, check_id, status from catalogue.check_execution where upload = @upload order by check_id, creation desc, id");
        command.Parameters.AddWithValue("upload", upload);
        await using var reader = await command.ExecuteReaderAsync();
        var checks = new List<LatestCheck>();
        while (await reader.ReadAsync())
            checks.Add(new LatestCheck(reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2)));
        return checks;
    }
}
