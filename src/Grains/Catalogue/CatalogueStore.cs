using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;
using Npgsql;
using NpgsqlTypes;

namespace Grid.Grains.Catalogue;

/// <summary>
/// The rows of entities, written by the grain that owns each of them. A write is one transaction: the row, the event that it causes
/// and the entity's <c>last_event</c>. Columns are named by code alone; values are always parameters. Accepted values: <see cref="string"/>,
/// <see cref="Guid"/>, <see cref="long"/>, <see cref="int"/>, <see cref="bool"/>, <see cref="DateTimeOffset"/> (UTC), arrays of
/// <see cref="Guid"/> or <see cref="string"/>, <see cref="JsonNode"/> (jsonb) and null.
/// </summary>
public sealed class CatalogueStore(NpgsqlDataSource database, TimeProvider clock)
{
    /// <summary>The time that rows and events are stamped with.</summary>
    public DateTimeOffset Now => clock.GetUtcNow();

    /// <summary>Inserts a new entity. <paramref name="doc"/> receives <c>last_event</c> when there is an event.</summary>
    /// <exception cref="ConflictException">A unique column's value is taken.</exception>
    public async Task InsertAsync(
        EntityTable table, Guid id, IReadOnlyDictionary<string, object?> columns, JsonObject doc, EntityEvent? happened = null,
        CancellationToken cancellation = default)
    {
        var now = Now;
        var values = new Dictionary<string, object?>(columns) { ["id"] = id, ["creation"] = now, ["update"] = now };
        await WriteAsync(table, id, values, doc, happened, now, names =>
            $"insert into {table.Name} ({string.Join(", ", names)}) values ({string.Join(", ", names.Select(name => '@' + name))})", cancellation);
    }

    /// <summary>Updates the columns given and, unless null, the whole <paramref name="doc"/>; moves <c>update</c> on. An event needs the doc.</summary>
    /// <exception cref="NotFoundException">There is no such row.</exception>
    /// <exception cref="ConflictException">A unique column's value is taken.</exception>
    public async Task UpdateAsync(
        EntityTable table, Guid id, IReadOnlyDictionary<string, object?> columns, JsonObject? doc = null, EntityEvent? happened = null,
        CancellationToken cancellation = default)
    {
        var now = Now;
        var values = new Dictionary<string, object?>(columns) { ["update"] = now };
        var rows = await WriteAsync(table, id, values, doc, happened, now, names =>
            $"update {table.Name} set {string.Join(", ", names.Select(name => $"{name} = @{name}"))} where id = @id", cancellation, ("id", id));
        if (rows == 0)
            throw new NotFoundException(table.Kind, id);
    }

    /// <summary>Reads one entity, or null when there is none.</summary>
    public async Task<EntityRow?> FindAsync(EntityTable table, Guid id, CancellationToken cancellation = default)
    {
        await using var command = database.CreateCommand($"select to_jsonb(t)::text from {table.Name} t where id = @id");
        command.Parameters.AddWithValue("id", id);
        return await command.ExecuteScalarAsync(cancellation) is string text ? new EntityRow(JsonNode.Parse(text)!.AsObject()) : null;
    }

    /// <summary>Reads one entity.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public async Task<EntityRow> ReadAsync(EntityTable table, Guid id, CancellationToken cancellation = default) =>
        await FindAsync(table, id, cancellation) ?? throw new NotFoundException(table.Kind, id);

    /// <summary>Deletes an entity's row with its events and comments; succeeds when there is none.</summary>
    public async Task DeleteAsync(EntityTable table, Guid id, CancellationToken cancellation = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        foreach (var statement in (string[])[
            "delete from catalogue.event where entity = @id", "delete from catalogue.comment where entity = @id", $"delete from {table.Name} where id = @id"])
        {
            await using var command = new NpgsqlCommand(statement, connection, transaction);
            command.Parameters.AddWithValue("id", id);
            await command.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Appends log lines of a check or processing execution, after those it has.</summary>
    public async Task AppendLogAsync(Guid execution, IReadOnlyList<string> lines, CancellationToken cancellation = default)
    {
        if (lines.Count == 0)
            return;
        await using var command = database.CreateCommand(
            """
            insert into catalogue.log_line (execution, line, text)
            select @execution, last.line + added.position, added.text
            from (select coalesce(max(line), 0) as line from catalogue.log_line where execution = @execution) last,
                 unnest(@lines) with ordinality as added(text, position)
            """);
        command.Parameters.AddWithValue("execution", execution);
        // PostgreSQL's text holds no NUL, which a file's name or a library's message may.
        command.Parameters.AddWithValue("lines", lines.Select(line => line.Replace('\0', '\uFFFD')).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Adds a parameter of one of the accepted kinds.</summary>
    public static void AddParameter(NpgsqlCommand command, string name, object? value) => command.Parameters.Add(value switch
    {
        null => new NpgsqlParameter(name, DBNull.Value),
        JsonNode json => new NpgsqlParameter(name, NpgsqlDbType.Jsonb) { Value = json.ToJsonString() },
        DateTimeOffset date => new NpgsqlParameter(name, NpgsqlDbType.TimestampTz) { Value = date.ToUniversalTime() },
        _ => new NpgsqlParameter(name, value),
    });

    private async Task<int> WriteAsync(
        EntityTable table, Guid id, Dictionary<string, object?> values, JsonObject? doc, EntityEvent? happened, DateTimeOffset now,
        Func<IReadOnlyCollection<string>, string> statement, CancellationToken cancellation, params (string Name, object Value)[] others)
    {
        JsonObject? shown = null;
        if (happened is not null)
        {
            shown = EventDoc(happened, now);
            if (doc is not null)
                doc["last_event"] = shown.DeepClone();
            if (table.HasLastEvent)
                values["last_event"] = now;
        }

        if (doc is not null)
            values["doc"] = doc;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var command = new NpgsqlCommand(statement(values.Keys), connection, transaction);
        foreach (var (name, value) in values)
            AddParameter(command, name, value);
        foreach (var (name, value) in others)
            AddParameter(command, name, value);
        int rows;
        try
        {
            rows = await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new ConflictException($"Another {table.Kind} has the same {refused.ConstraintName ?? "unique value"}.");
        }

        if (shown is not null && rows > 0)
        {
            await using var recorded = new NpgsqlCommand("insert into catalogue.event (entity, doc, date) values (@id, @doc, @date)", connection, transaction);
            AddParameter(recorded, "id", id);
            AddParameter(recorded, "doc", shown);
            AddParameter(recorded, "date", now);
            await recorded.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return rows;
    }

    private static JsonObject EventDoc(EntityEvent happened, DateTimeOffset now)
    {
        var doc = new JsonObject
        {
            ["title"] = happened.Title,
            ["date"] = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", System.Globalization.CultureInfo.InvariantCulture),
            ["initiator"] = new JsonObject
            {
                ["_id"] = happened.Initiator.Id.ToString(), ["first_name"] = happened.Initiator.FirstName, ["last_name"] = happened.Initiator.LastName,
            },
        };
        if (happened.Text is not null)
            doc["text"] = happened.Text;
        return doc;
    }
}
