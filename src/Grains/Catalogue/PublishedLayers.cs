using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;
using Npgsql;

namespace Grid.Grains.Catalogue;

/// <summary>
/// The rows that the frontends serve. A publication is one row in one transaction with its notification, so that a frontend serves either the
/// former pyramids or the new ones. Also the questions about offerings that need more than one table.
/// </summary>
public sealed class PublishedLayers(NpgsqlDataSource database)
{
    /// <summary>The channel on which frontends hear that a layer changed; the payload is the version.</summary>
    public const string Channel = "catalogue_layers";

    /// <summary>Publishes an offering's configuration with the current version of its data, in place of what it published before.</summary>
    /// <returns>The stored data that the layer shows, or showed before.</returns>
    /// <exception cref="ConflictException">Data without a current version, or another offering serves the name.</exception>
    public async Task<IReadOnlyList<Guid>> PublishAsync(Guid offering, EntityRow configuration)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var infos = configuration.Doc["type_infos"]!.AsObject();
        var pyramids = new List<(UsedPyramid Used, JsonObject Pyramid)>();
        foreach (var used in PublishedLayer.UsedIn(infos))
        {
            var pyramid = await PyramidVersions.LockCurrentAsync(connection, transaction, used.StoredData)
                ?? throw new ConflictException($"The stored data {used.StoredData} has no finished pyramid.");
            pyramids.Add((used, pyramid));
        }

        var doc = configuration.Text("type") == ConfigurationRequest.Download
            ? DownloadRequest.Describe(configuration, pyramids)
            : PublishedLayer.Describe(configuration, pyramids, await UsedStyles.DescribeAsync(connection, transaction, configuration.Datastore, infos));
        var before = await PublishedDataAsync(connection, transaction, offering);
        await using var write = new NpgsqlCommand(
            """
            insert into catalogue.published_layer (offering, type, layer_name, version, doc)
            values (@offering, @type, @name, nextval('catalogue.published_layer_version'), @doc)
            on conflict (offering) do update set version = excluded.version, doc = excluded.doc
            returning version
            """, connection, transaction);
        write.Parameters.AddWithValue("offering", offering);
        write.Parameters.AddWithValue("type", configuration.Text("type")!);
        write.Parameters.AddWithValue("name", configuration.Text("layer_name")!);
        CatalogueStore.AddParameter(write, "doc", doc);
        try
        {
            await NotifyAsync(connection, transaction, (long)(await write.ExecuteScalarAsync())!);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new ConflictException($"The layer {configuration.Text("layer_name")} is already published by another offering.");
        }

        await transaction.CommitAsync();
        return [.. before.Concat(pyramids.Select(one => one.Used.StoredData)).Distinct()];
    }

    /// <summary>Stops serving an offering. Returns the stored data that it showed; succeeds when it is not served.</summary>
    public async Task<IReadOnlyList<Guid>> WithdrawAsync(Guid offering)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var shown = await PublishedDataAsync(connection, transaction, offering);
        await using var delete = new NpgsqlCommand(
            "with gone as (delete from catalogue.published_layer where offering = @offering) select nextval('catalogue.published_layer_version')",
            connection, transaction);
        delete.Parameters.AddWithValue("offering", offering);
        await NotifyAsync(connection, transaction, (long)(await delete.ExecuteScalarAsync())!);
        await transaction.CommitAsync();
        return shown;
    }

    /// <summary>The statuses of a configuration's offerings.</summary>
    public async Task<IReadOnlyList<string>> OfferingStatusesAsync(Guid configuration)
    {
        await using var command = database.CreateCommand("select status from catalogue.offering where configuration = @configuration");
        command.Parameters.AddWithValue("configuration", configuration);
        await using var reader = await command.ExecuteReaderAsync();
        var statuses = new List<string>();
        while (await reader.ReadAsync())
            statuses.Add(reader.GetString(0));
        return statuses;
    }

    /// <summary>The offering that publishes a configuration, or null.</summary>
    public async Task<Guid?> OfferingOfAsync(Guid configuration)
    {
        await using var command = database.CreateCommand("select id from catalogue.offering where configuration = @configuration limit 1");
        command.Parameters.AddWithValue("configuration", configuration);
        return (Guid?)await command.ExecuteScalarAsync();
    }

    /// <summary>Deletes a configuration with its events and comments. False when an offering was made of it meanwhile.</summary>
    public async Task<bool> DeleteConfigurationAsync(Guid configuration)
    {
        await using var command = database.CreateCommand(
            """
            with events as (delete from catalogue.event where entity = @id), comments as (delete from catalogue.comment where entity = @id)
            delete from catalogue.configuration where id = @id
            """);
        command.Parameters.AddWithValue("id", configuration);
        try
        {
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (PostgresException held) when (held.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            return false;
        }
    }

    private static async Task<IReadOnlyList<Guid>> PublishedDataAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid offering)
    {
        await using var command = new NpgsqlCommand(
            "select doc->'stored_data' #>> '{}' from catalogue.published_layer where offering = @offering", connection, transaction);
        command.Parameters.AddWithValue("offering", offering);
        return await command.ExecuteScalarAsync() is string text
            ? [.. JsonNode.Parse(text)!.AsArray().Select(id => Guid.Parse((string)id!))]
            : [];
    }

    private static async Task NotifyAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, long version)
    {
        await using var notify = new NpgsqlCommand("select pg_notify(@channel, @version)", connection, transaction);
        notify.Parameters.AddWithValue("channel", Channel);
        notify.Parameters.AddWithValue("version", version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await notify.ExecuteNonQueryAsync();
    }
}
