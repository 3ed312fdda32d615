using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;
using Npgsql;

namespace Grid.Grains.Catalogue;

/// <summary>The endpoints that datastores publish on, and how many offerings of a datastore each takes.</summary>
public sealed class DatastoreEndpoints(NpgsqlDataSource database)
{
    /// <summary>The endpoint that a publication's body names, when a configuration of <paramref name="type"/> can be published there.</summary>
    /// <exception cref="InvalidInputException">It is missing, not the datastore's, of another type, or restricted.</exception>
    /// <exception cref="ConflictException">Its quota is used up.</exception>
    public async Task<Guid> ForPublicationAsync(Guid datastore, JsonObject body, string type)
    {
        var problems = new List<string>();
        var id = EntityMembers.Id(body["endpoint"], "endpoint", problems);
        if (body["endpoint"] is null)
            problems.Add("\"endpoint\" is missing: the id of an endpoint of the datastore.");
        EntityMembers.Flag(body, "open", problems);
        if (problems.Count > 0 || id is not { } endpoint)
            throw new InvalidInputException(problems);
        await using var command = database.CreateCommand(
            """
            select (d.doc -> 'quotas' ->> 'endpoints')::bigint, e.type, e.open, e.name,
              (select count(*) from catalogue.offering o where o.datastore = d.id and o.endpoint = e.id)
            from catalogue.datastore d, catalogue.endpoint e where d.id = @datastore and e.id = @endpoint
            """);
        command.Parameters.AddWithValue("datastore", datastore);
        command.Parameters.AddWithValue("endpoint", endpoint);
        await using var reader = await command.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
            throw new InvalidInputException($"The datastore has no endpoint {endpoint}.");
        if (reader.GetString(1) != type)
            throw new InvalidInputException($"The endpoint \"{reader.GetString(3)}\" is of type {reader.GetString(1)}: the configuration is of type {type}.");
        if (!reader.GetBoolean(2))
            throw new InvalidInputException($"The endpoint \"{reader.GetString(3)}\" is restricted: this platform publishes on open endpoints.");
        var quota = reader.IsDBNull(0) ? long.MaxValue : reader.GetInt64(0);
        if (reader.GetInt64(4) >= quota)
            throw new ConflictException($"The endpoint \"{reader.GetString(3)}\" has {reader.GetInt64(4)} offerings of this datastore: its quota is {quota}.");
        return endpoint;
    }
}
