using Npgsql;

namespace Grid.Grains.Catalogue;

/// <summary>Which datastores may read stored data of another: rows that the stored data's grain alone writes.</summary>
public sealed class Sharings(NpgsqlDataSource database)
{
    /// <summary>Shares with datastores; with those that it is shared with already, nothing changes.</summary>
    /// <returns>The datastores that do not exist; when there are any, nothing was shared.</returns>
    public async Task<IReadOnlyList<Guid>> AddAsync(Guid storedData, IReadOnlyList<Guid> datastores)
    {
        await using (var search = database.CreateCommand("select wanted from unnest(@datastores) wanted where not exists (select from catalogue.datastore d where d.id = wanted)"))
        {
            search.Parameters.AddWithValue("datastores", datastores.ToArray());
            await using var reader = await search.ExecuteReaderAsync();
            var missing = new List<Guid>();
            while (await reader.ReadAsync())
                missing.Add(reader.GetGuid(0));
            if (missing.Count > 0)
                return missing;
        }

        await ExecuteAsync("insert into catalogue.sharing (stored_data, datastore) select @id, unnest(@datastores) on conflict do nothing", storedData, datastores);
        return [];
    }

    /// <summary>Ends the sharing with datastores; others are ignored.</summary>
    public Task RemoveAsync(Guid storedData, IReadOnlyList<Guid> datastores) =>
        ExecuteAsync("delete from catalogue.sharing where stored_data = @id and datastore = any (@datastores)", storedData, datastores);

    /// <summary>Whether a datastore may read stored data that is another's.</summary>
    public async Task<bool> IsSharedAsync(Guid storedData, Guid datastore)
    {
        await using var command = database.CreateCommand("select exists (select from catalogue.sharing where stored_data = @id and datastore = @datastore)");
        command.Parameters.AddWithValue("id", storedData);
        command.Parameters.AddWithValue("datastore", datastore);
        return await command.ExecuteScalarAsync() is true;
    }

    private async Task ExecuteAsync(string sql, Guid storedData, IReadOnlyList<Guid> datastores)
    {
        await using var command = database.CreateCommand(sql);
        command.Parameters.AddWithValue("id", storedData);
        command.Parameters.AddWithValue("datastores", datastores.ToArray());
        await command.ExecuteNonQueryAsync();
    }
}
