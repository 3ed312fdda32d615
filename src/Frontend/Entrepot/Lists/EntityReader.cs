using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;
using Npgsql;

namespace Grid.Frontend.Entrepot.Lists;

/// <summary>Reads single rows of the catalogue for answers.</summary>
public sealed class EntityReader(NpgsqlDataSource database)
{
    /// <summary>The row of an entity of a datastore, as <c>to_jsonb</c> gives it.</summary>
    /// <param name="table">The qualified table, for example <c>catalogue.upload</c>.</param>
    /// <param name="kind">The entity's name in sentences, for example <c>upload</c>.</param>
    /// <exception cref="NotFoundException">The datastore has no such entity.</exception>
    public async Task<JsonObject> ReadAsync(string table, string kind, Guid datastore, Guid id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select to_jsonb(t)::text from {table} t where id = @id and datastore = @datastore");
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("datastore", datastore);
        return await command.ExecuteScalarAsync(cancellation) is string text
            ? JsonNode.Parse(text)!.AsObject()
            : throw new NotFoundException(kind, id);
    }

    /// <summary>Throws unless the datastore has the entity.</summary>
    /// <exception cref="NotFoundException">It has not.</exception>
    public async Task RequireAsync(string table, string kind, Guid datastore, Guid id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select exists (select from {table} where id = @id and datastore = @datastore)");
        command.Parameters.AddWithValue("id", id);
        command.Parameters.AddWithValue("datastore", datastore);
        if (await command.ExecuteScalarAsync(cancellation) is not true)
            throw new NotFoundException(kind, id);
    }
}
