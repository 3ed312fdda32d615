using System.Globalization;
using System.Text.Json.Nodes;
using Grid.Interfaces.PointClouds;
using Grid.Interfaces.Pyramids;
using Npgsql;

namespace Grid.Grains.Catalogue;

/// <summary>
/// The rows of pyramid versions. Replacing the current version is one transaction; a publication locks the versions that it shows until its
/// own commit, so that none of them can be chosen for deletion in between.
/// </summary>
public sealed class PyramidVersions(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>All versions of a stored data, oldest first.</summary>
    public async Task<IReadOnlyList<PyramidVersion>> ListAsync(Guid storedData)
    {
        await using var command = database.CreateCommand(
            "select version, execution, status, storage_prefix, since from catalogue.pyramid_version where stored_data = @id order by version");
        command.Parameters.AddWithValue("id", storedData);
        await using var reader = await command.ExecuteReaderAsync();
        var versions = new List<PyramidVersion>();
        while (await reader.ReadAsync())
        {
            versions.Add(new PyramidVersion(
                reader.GetInt32(0), reader.GetGuid(1), Enum.Parse<PyramidVersionStatus>(reader.GetString(2), ignoreCase: true), reader.GetString(3),
                new DateTimeOffset(reader.GetDateTime(4), TimeSpan.Zero)));
        }

        return versions;
    }

    /// <summary>The version that an execution builds, made when there is none yet.</summary>
    /// <param name="store">What the keys of the store begin with that it is built in.</param>
    public async Task<PyramidVersion> BeginAsync(Guid storedData, Guid execution, string store)
    {
        var versions = await ListAsync(storedData);
        if (versions.FirstOrDefault(one => one.Execution == execution) is { } begun)
            return begun;
        var version = versions.Count == 0 ? 1 : versions[^1].Version + 1;
        var made = new PyramidVersion(
            version, execution, PyramidVersionStatus.Building, string.Create(CultureInfo.InvariantCulture, $"{store}pyramids/{storedData}/{version}"), clock.GetUtcNow());
        await using var command = database.CreateCommand(
            """
            insert into catalogue.pyramid_version (stored_data, version, execution, status, storage_prefix, since)
            values (@id, @version, @execution, 'building', @prefix, @now)
            """);
        command.Parameters.AddWithValue("id", storedData);
        command.Parameters.AddWithValue("version", made.Version);
        command.Parameters.AddWithValue("execution", execution);
        command.Parameters.AddWithValue("prefix", made.StoragePrefix);
        command.Parameters.AddWithValue("now", made.Since);
        await command.ExecuteNonQueryAsync();
        return made;
    }

    /// <summary>Makes an execution's version the current one and the former current one <c>former</c>, in one transaction.</summary>
    /// <returns>False when the execution has no version in the building; nothing changes then.</returns>
    /// <param name="described">What is known of the version: <see cref="DescriptionOf(PyramidSummary)"/>, or of COPC files.</param>
    public async Task<bool> CompleteAsync(Guid storedData, Guid execution, JsonObject described)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var retire = new NpgsqlCommand(
            """
            update catalogue.pyramid_version set status = 'former', since = @now
            where stored_data = @id and status = 'current' and execution <> @execution
              and exists (select from catalogue.pyramid_version where stored_data = @id and execution = @execution and status = 'building')
            """, connection, transaction);
        retire.Parameters.AddWithValue("id", storedData);
        retire.Parameters.AddWithValue("execution", execution);
        retire.Parameters.AddWithValue("now", clock.GetUtcNow());
        await retire.ExecuteNonQueryAsync();
        await using var install = new NpgsqlCommand(
            """
            update catalogue.pyramid_version set status = 'current', since = @now, doc = @doc
            where stored_data = @id and execution = @execution and status = 'building'
            """, connection, transaction);
        install.Parameters.AddWithValue("id", storedData);
        install.Parameters.AddWithValue("execution", execution);
        install.Parameters.AddWithValue("now", clock.GetUtcNow());
        CatalogueStore.AddParameter(install, "doc", described);
        var installed = await install.ExecuteNonQueryAsync() > 0;
        await transaction.CommitAsync();
        return installed;
    }

    /// <summary>Marks an execution's unfinished version for removal; no effect on a finished one.</summary>
    public async Task AbandonAsync(Guid storedData, Guid execution)
    {
        await using var command = database.CreateCommand(
            """
            update catalogue.pyramid_version set status = 'removing', since = @now
            where stored_data = @id and execution = @execution and status = 'building'
            """);
        command.Parameters.AddWithValue("id", storedData);
        command.Parameters.AddWithValue("execution", execution);
        command.Parameters.AddWithValue("now", clock.GetUtcNow());
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Marks every version for removal: the stored data is deleted, and no published layer can show it.</summary>
    public async Task RemoveAllAsync(Guid storedData)
    {
        await using var command = database.CreateCommand(
            "update catalogue.pyramid_version set status = 'removing', since = @now where stored_data = @id and status not in ('removing', 'removed')");
        command.Parameters.AddWithValue("id", storedData);
        command.Parameters.AddWithValue("now", clock.GetUtcNow());
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>
    /// Marks for removal the former versions that no published layer shows and no running execution may be reading. Those shown have their time set to now, so that the grace time
    /// counts from the moment they were last seen in service.
    /// </summary>
    /// <param name="grace">How long a version outlives its last publication: requests under way and frontends that have not yet heard.</param>
    public async Task RetireUnservedAsync(Guid storedData, TimeSpan grace)
    {
        await using var command = database.CreateCommand(
            """
            with former as (
              select version, since, storage_prefix from catalogue.pyramid_version
              where stored_data = @id and status = 'former' for update),
            judged as (
              select version, since, exists (
                select from catalogue.published_layer
                where doc -> 'pyramids' @> jsonb_build_array(jsonb_build_object('storage_prefix', storage_prefix))) or exists (
                select from catalogue.processing_execution
                where input_stored_data @> array[@id] and status in ('WAITING', 'PROGRESS')) as served
              from former)
            update catalogue.pyramid_version v
            set status = case when served then 'former' else 'removing' end, since = @now
            from judged j
            where v.stored_data = @id and v.version = j.version and (j.served or j.since <= @now - @grace)
            """);
        command.Parameters.AddWithValue("id", storedData);
        command.Parameters.AddWithValue("now", clock.GetUtcNow());
        command.Parameters.AddWithValue("grace", grace);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Notes that a version's objects are gone.</summary>
    public async Task RemovedAsync(Guid storedData, int version)
    {
        await using var command = database.CreateCommand(
            """
            update catalogue.pyramid_version set status = 'removed', since = @now
            where stored_data = @id and version = @version and status = 'removing'
            """);
        command.Parameters.AddWithValue("id", storedData);
        command.Parameters.AddWithValue("version", version);
        command.Parameters.AddWithValue("now", clock.GetUtcNow());
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>What is known of the current version of a stored data, as <see cref="LockCurrentAsync"/> tells it but without the lock; null when it has none.</summary>
    public async Task<JsonObject?> FindCurrentAsync(Guid storedData)
    {
        await using var command = database.CreateCommand(
            "select (doc || jsonb_build_object('storage_prefix', storage_prefix))::text from catalogue.pyramid_version where stored_data = @id and status = 'current'");
        command.Parameters.AddWithValue("id", storedData);
        return await command.ExecuteScalarAsync() is string text ? JsonNode.Parse(text)!.AsObject() : null;
    }

    /// <summary>A running execution that takes a stored data as input, or null.</summary>
    public async Task<Guid?> ReaderOfAsync(Guid storedData)
    {
        await using var command = database.CreateCommand(
            "select id from catalogue.processing_execution where input_stored_data @> array[@id] and status in ('WAITING', 'PROGRESS') limit 1");
        command.Parameters.AddWithValue("id", storedData);
        return (Guid?)await command.ExecuteScalarAsync();
    }

    /// <summary>A configuration that uses a stored data, or null.</summary>
    public async Task<Guid?> UserOfAsync(Guid storedData)
    {
        await using var command = database.CreateCommand("select id from catalogue.configuration where used_data @> array[@id] limit 1");
        command.Parameters.AddWithValue("id", storedData);
        return (Guid?)await command.ExecuteScalarAsync();
    }

    /// <summary>
    /// The current version of a stored data as the published layer shows it (<c>storage_prefix</c>, <c>descriptor_key</c>, levels, bounds),
    /// locked against removal until the transaction ends; null when it has none.
    /// </summary>
    public static async Task<JsonObject?> LockCurrentAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid storedData)
    {
        await using var command = new NpgsqlCommand(
            """
            select (doc || jsonb_build_object('storage_prefix', storage_prefix))::text from catalogue.pyramid_version
            where stored_data = @id and status = 'current' for share
            """, connection, transaction);
        command.Parameters.AddWithValue("id", storedData);
        return await command.ExecuteScalarAsync() is string text ? JsonNode.Parse(text)!.AsObject() : null;
    }

    /// <summary>A version of COPC files: <c>files[{name, key, size, points, point_format, bounds[6], block, tileset}], crs, bounds[4], points</c>.</summary>
    public static JsonObject DescriptionOf(PointCloudSummary cloud) => new()
    {
        ["files"] = new JsonArray([.. cloud.Files.Select(file => (JsonNode)new JsonObject
        {
            ["name"] = file.Name,
            ["key"] = file.Key,
            ["size"] = file.SizeBytes,
            ["points"] = file.Points,
            ["point_format"] = file.PointFormat,
            ["bounds"] = new JsonArray([.. file.Bounds.Select(bound => (JsonNode)bound)]),
            ["block"] = file.IsBlock,
            ["tileset"] = file.TilesetPrefix,
        })]),
        ["crs"] = cloud.Crs,
        ["bounds"] = new JsonArray([.. cloud.Bounds.Select(bound => (JsonNode)bound)]),
        ["points"] = cloud.Points,
    };

    /// <summary>A version of a raster pyramid; where the files that it was made of are kept, with <c>files[{name, key, size, bounds[4]}], crs</c>.</summary>
    public static JsonObject DescriptionOf(PyramidSummary pyramid)
    {
        var described = DescriptionOfSlabs(pyramid);
        if (pyramid.Tiles is not { } tiles)
            return described;
        described["crs"] = tiles.Crs;
        described["files"] = new JsonArray([.. tiles.Files.Select(file => (JsonNode)new JsonObject
        {
            ["name"] = file.Name,
            ["key"] = file.Key,
            ["size"] = file.SizeBytes,
            ["bounds"] = new JsonArray([.. file.Bounds.Select(bound => (JsonNode)bound)]),
        })]);
        return described;
    }

    private static JsonObject DescriptionOfSlabs(PyramidSummary pyramid) => new()
    {
        ["descriptor_key"] = pyramid.DescriptorKey,
        ["descriptor"] = JsonNode.Parse(pyramid.Descriptor),
        ["tile_matrix_set"] = pyramid.TileMatrixSet,
        ["levels"] = new JsonArray([.. pyramid.Levels.Select(level => (JsonNode)level)]),
        ["bounds"] = new JsonArray([.. pyramid.Bounds.Select(bound => (JsonNode)bound)]),
        ["compression"] = pyramid.Compression,
    };
}
