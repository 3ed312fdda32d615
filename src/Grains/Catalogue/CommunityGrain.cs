using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;
using Npgsql;
using Orleans;

namespace Grid.Grains.Catalogue;

/// <summary>One community and its members. It reads its row at each change: changes are rare, and settings may have changed it between.</summary>
public sealed class CommunityGrain(CatalogueStore catalogue, NpgsqlDataSource database) : Grain, ICommunityGrain
{
    private Guid Id => Guid.Parse(this.GetPrimaryKeyString());

    public async Task PatchAsync(CommunityPatch patch)
    {
        var row = await catalogue.ReadAsync(EntityTable.Community, Id);
        var doc = row.Doc;
        var columns = new Dictionary<string, object?>();
        if (patch.Name is not null)
            columns["name"] = patch.Name;
        if (patch.Description is not null)
            doc["description"] = patch.Description;
        if (patch.Contact is not null)
            doc["contact"] = patch.Contact;
        if (patch.Public is not null)
            doc["public"] = patch.Public;
        if (patch.Supervisor is { } supervisor)
        {
            doc["supervisor"] = new JsonObject { ["_id"] = supervisor.ToString() };
            await PutAsync(supervisor, Rights.All);
        }

        await catalogue.UpdateAsync(EntityTable.Community, Id, columns, doc);
    }

    public async Task PutMemberAsync(Guid account, IReadOnlyList<string> rights)
    {
        var row = await catalogue.ReadAsync(EntityTable.Community, Id);
        await PutAsync(account, IsSupervisor(row, account) ? Rights.All : rights);
    }

    public async Task RemoveMemberAsync(Guid account)
    {
        if (IsSupervisor(await catalogue.ReadAsync(EntityTable.Community, Id), account))
            throw new ConflictException($"Account {account} supervises community {Id} and cannot leave it: name another supervisor first.");
        await using var command = database.CreateCommand("delete from catalogue.membership where community = @community and account = @account");
        command.Parameters.AddWithValue("community", Id);
        command.Parameters.AddWithValue("account", account);
        if (await command.ExecuteNonQueryAsync() == 0)
            throw new NotFoundException($"Account {account} is not a member of community {Id}.");
    }

    private async Task PutAsync(Guid account, IReadOnlyList<string> rights)
    {
        await using var command = database.CreateCommand(
            """
            insert into catalogue.membership (community, account, rights) values (@community, @account, @rights)
            on conflict (community, account) do update set rights = @rights, update = now()
            """);
        command.Parameters.AddWithValue("community", Id);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("rights", rights.ToArray());
        try
        {
            await command.ExecuteNonQueryAsync();
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            throw new NotFoundException("account", account);
        }
    }

    private static bool IsSupervisor(EntityRow row, Guid account) => (string?)row.Doc["supervisor"]?["_id"] == account.ToString();
}
