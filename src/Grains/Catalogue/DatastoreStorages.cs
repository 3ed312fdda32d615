using Grid.Interfaces.Catalogue;
using Grid.Storage;
using Grid.Storage.S3;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Grid.Grains.Catalogue;

/// <summary>Where a datastore's pyramids are kept, in the Entrepôt's words, and whether there is room for more.</summary>
public sealed class DatastoreStorages(NpgsqlDataSource database, [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids)
{
    /// <summary>S3 or FILESYSTEM.</summary>
    public string Kind => pyramids is S3ObjectStore ? "S3" : "FILESYSTEM";

    /// <summary>The labels of the storage. There is one, so labels asked for choose nothing.</summary>
    public IReadOnlyList<string> Labels { get; } = ["PYRAMIDE"];

    /// <summary>Refuses when the datastore's stored data have used up its quota.</summary>
    /// <exception cref="ConflictException">They have.</exception>
    public async Task RequireRoomAsync(Guid datastore)
    {
        await using var command = database.CreateCommand(
            """
            select (d.doc -> 'quotas' ->> 'data')::bigint,
              (select coalesce(sum(s.size), 0)::bigint from catalogue.stored_data s where s.datastore = d.id and s.status <> 'DELETED')
            from catalogue.datastore d where d.id = @datastore
            """);
        command.Parameters.AddWithValue("datastore", datastore);
        await using var reader = await command.ExecuteReaderAsync();
        if (await reader.ReadAsync() && !reader.IsDBNull(0) && reader.GetInt64(1) >= reader.GetInt64(0))
            throw new ConflictException($"The stored data of the datastore {datastore} take {reader.GetInt64(1)} bytes: its quota is {reader.GetInt64(0)}.");
    }
}
