using Grid.Grains.Pyramids;
using Grid.Interfaces.Catalogue;
using Grid.Storage;
using Npgsql;

namespace Grid.Grains.Catalogue;

/// <summary>Where a datastore's pyramids are kept, in the Entrepôt's words, and whether there is room for more.</summary>
public sealed class DatastoreStorages(NpgsqlDataSource database, PyramidPlace place)
{
    private const string Label = "PYRAMIDE";

    /// <summary>
    /// The storage that labels choose: the first that names one of the stores beside the main one, whatever its case. Labels that name none choose the main store.
    /// </summary>
    /// <returns>S3 or FILESYSTEM, and the storage's labels.</returns>
    public (string Kind, IReadOnlyList<string> Labels) Choose(IEnumerable<string> labels)
    {
        var name = labels.Select(label => place.Others.FirstOrDefault(other => other.Equals(label, StringComparison.OrdinalIgnoreCase))).FirstOrDefault(found => found is not null);
        return (place.BucketOf(StoreGroup.PrefixOf(name)) is null ? "FILESYSTEM" : "S3", name is null ? [Label] : [Label, name]);
    }

    /// <summary>What the keys of pyramids in a storage begin with, by the labels that <see cref="Choose"/> gave.</summary>
    public string PrefixOf(IEnumerable<string> labels) => StoreGroup.PrefixOf(labels.FirstOrDefault(label => place.Others.Contains(label)));

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
