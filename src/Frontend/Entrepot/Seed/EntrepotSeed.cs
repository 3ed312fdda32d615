using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Security;
using Grid.Grains.Catalogue;
using Grid.Imaging.Styles;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Processings;
using Grid.Interfaces.Uploads;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Grid.Frontend.Entrepot.Seed;

/// <summary>
/// Writes what the settings name at each start: accounts, communities, datastores with their first styles, endpoints, memberships. What is there stays, but for what the
/// settings say of it; what was changed through the API (a community's name, a member's rights) is left alone, and members that the settings name
/// are members again.
/// </summary>
public sealed class EntrepotSeed(NpgsqlDataSource database, IOptions<EntrepotOptions> options, Secrets secrets) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Made, or read, before the first request: a producer looks into the file to log in.
        ArgumentNullException.ThrowIfNull(secrets);
        var settings = options.Value;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var account in settings.Accounts)
        {
            await ExecuteAsync(
                "insert into catalogue.account (id, login, doc) values (@id, @login, @doc::jsonb) on conflict (id) do update set doc = @doc::jsonb, update = now() where catalogue.account.doc <> @doc::jsonb",
                ("id", account.Id), ("login", account.Login), ("doc", Describe(account, settings).ToJsonString()));
        }

        foreach (var endpoint in EndpointCatalogue.All)
        {
            await ExecuteAsync(
                """
                insert into catalogue.endpoint (id, type, open, name, technical_name, doc) values (@id, @type, @open, @name, @technical_name, @doc::jsonb)
                on conflict (id) do update set name = @name, doc = @doc::jsonb
                """,
                ("id", endpoint.Id), ("type", endpoint.Type), ("open", endpoint.Open), ("name", endpoint.Name), ("technical_name", endpoint.TechnicalName),
                ("doc", new JsonObject { ["urls"] = endpoint.UrlsJson }.ToJsonString()));
        }

        foreach (var community in settings.Communities)
        {
            var supervisor = settings.Accounts.Find(account => account.Login == community.Supervisor) ?? settings.Accounts[0];
            await ExecuteAsync(
                "insert into catalogue.community (id, technical_name, name, doc) values (@id, @technical_name, @name, @doc::jsonb) on conflict (id) do nothing",
                ("id", community.Id), ("technical_name", community.TechnicalName), ("name", community.Name), ("doc", Describe(community, supervisor).ToJsonString()));
            await ExecuteAsync(
                "insert into catalogue.datastore (id, community, doc) values (@id, @community, @doc::jsonb) on conflict (id) do update set doc = catalogue.datastore.doc || @doc::jsonb",
                ("id", community.DatastoreId), ("community", community.Id), ("doc", DescribeDatastore(community).ToJsonString()));
            await AddMemberAsync(community.Id, supervisor.Id, Rights.All);
            foreach (var (name, file) in DefaultStyles.All)
                await AddStyleAsync(community, name, file);
        }

        foreach (var account in settings.Accounts)
        {
            foreach (var membership in account.Memberships)
                await AddMemberAsync(StableId.Of("community", membership.Community), account.Id, membership.Rights ?? Rights.All);
        }

        await transaction.CommitAsync(cancellationToken);

        async Task ExecuteAsync(string statement, params (string Name, object Value)[] parameters)
        {
            await using var command = new NpgsqlCommand(statement, connection, transaction);
            foreach (var (name, value) in parameters)
                command.Parameters.AddWithValue(name, value);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        Task AddMemberAsync(Guid community, Guid account, IReadOnlyList<string> rights) => ExecuteAsync(
            "insert into catalogue.membership (community, account, rights) values (@community, @account, @rights) on conflict do nothing",
            ("community", community), ("account", account), ("rights", rights.ToArray()));

        async Task AddStyleAsync(CommunityOptions community, string name, byte[] file)
        {
            var digest = StyleDocuments.DigestOf(file);
            await ExecuteAsync("insert into catalogue.style_document (digest, file) values (@digest, @file) on conflict do nothing", ("digest", digest), ("file", file));
            var style = Rok4StyleJson.Read(file, name);
            var doc = new JsonObject { ["description"] = style.Abstract, ["type_infos"] = new JsonObject { ["identifier"] = style.Identifier } };
            await ExecuteAsync(
                """
                insert into catalogue.static (id, datastore, name, type, digest, doc) values (@id, @datastore, @name, @type, @digest, @doc::jsonb)
                on conflict do nothing
                """,
                ("id", StableId.Of("static", $"{community.TechnicalName}/{name}")), ("datastore", community.DatastoreId), ("name", name),
                ("type", StaticTypes.Rok4Style), ("digest", digest), ("doc", doc.ToJsonString()));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static JsonObject Describe(AccountOptions account, EntrepotOptions settings) => new()
    {
        ["email"] = account.Email, ["first_name"] = account.FirstName, ["last_name"] = account.LastName,
        ["administrator"] = account.Administrator, ["technical"] = settings.Clients.Exists(client => client.Account == account.Login) && account.FirstName == "",
    };

    private static JsonObject Describe(CommunityOptions community, AccountOptions supervisor) => new()
    {
        ["description"] = community.Description, ["contact"] = community.Contact, ["public"] = community.Public,
        ["supervisor"] = new JsonObject { ["_id"] = supervisor.Id.ToString() },
    };

    private static JsonObject DescribeDatastore(CommunityOptions community)
    {
        var doc = new JsonObject
        {
            ["quotas"] = new JsonObject
            {
                ["data"] = community.DataQuota, ["uploads"] = community.UploadsQuota, ["annexes"] = community.AnnexesQuota, ["endpoints"] = community.EndpointQuota,
            },
            ["processings"] = new JsonArray([.. ProcessingCatalogue.All.Select(processing => (JsonNode)processing.Id.ToString())]),
            ["checks"] = new JsonArray([.. CheckCatalogue.All.Select(check => (JsonNode)check.Id.ToString())]),
        };
        if (community.LayerNamePrefix is not null)
            doc["configuration_layer_name_prefix"] = community.LayerNamePrefix;
        return doc;
    }
}
