using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Imaging;
using Grid.Imaging.Styles;
using Grid.Interfaces.Catalogue;
using Npgsql;

namespace Grid.Grains.Catalogue;

/// <summary>
/// The styles that a configuration asks for: <c>type_infos.styles</c>, statics of its datastore by id or by name, the default one first. Without any,
/// values are shown as they are.
/// </summary>
public sealed class UsedStyles(NpgsqlDataSource database, CatalogueStore store)
{
    /// <summary>The style of layers that ask for none.</summary>
    public const string Normal = "normal";

    private const int MaxStyles = 100;

    /// <summary>A configuration that names a static.</summary>
    /// <param name="ByName">Whether it does by its name, not its id.</param>
    public sealed record User(Guid Id, JsonObject Infos, bool ByName);

    /// <summary>Adds what is wrong with the form of <c>type_infos.styles</c>.</summary>
    public static void CheckForm(JsonNode? styles, List<string> problems)
    {
        if (styles is null)
            return;
        if (styles is not JsonArray { Count: <= MaxStyles } listed || listed.Any(one => one is not JsonValue value || value.GetValueKind() != JsonValueKind.String))
            problems.Add($"\"type_infos.styles\" must be an array of at most {MaxStyles} ids or names of statics.");
    }

    /// <summary>Checks that the styles are there, have different identifiers, and take the pixels of the data.</summary>
    /// <exception cref="InvalidInputException">Some do not; every fault is listed.</exception>
    public async Task CheckAsync(Guid datastore, JsonObject infos, IReadOnlyList<UsedPyramid> data)
    {
        var problems = new List<string>();
        await using var connection = await database.OpenConnectionAsync();
        var styles = await ReadAsync(connection, null, datastore, infos, problems);
        foreach (var twice in styles.GroupBy(style => style.Style.Identifier).Where(group => group.Count() > 1))
            problems.Add($"The identifier {twice.Key} is that of several styles: each style of a layer has one of its own.");
        if (styles.Count > 0)
        {
            foreach (var (id, format) in await FormatsAsync(data))
                problems.AddRange(styles.Select(style => style.Style.WhyNot(format)).OfType<string>().Select(reason => $"{reason} Stored data {id} has that."));
        }

        if (problems.Count > 0)
            throw new InvalidInputException(problems);
    }

    /// <summary>Refuses a new file of a static that a configuration using it could not show.</summary>
    /// <exception cref="ConflictException">It could not.</exception>
    public async Task CheckReplacementAsync(EntityRow row, Rok4Style style)
    {
        foreach (var user in await ConfigurationsOfAsync(row))
        {
            foreach (var (_, format) in await FormatsAsync([.. PublishedLayer.UsedIn(user.Infos)]))
            {
                if (style.WhyNot(format) is { } reason)
                    throw new ConflictException($"The configuration {user.Id} uses the static {row.Id}: {reason}");
            }
        }
    }

    /// <summary>The configurations that name a static.</summary>
    public async Task<IReadOnlyList<User>> ConfigurationsOfAsync(EntityRow row)
    {
        await using var command = database.CreateCommand(
            """
            select id, (doc -> 'type_infos')::text, not by_id from catalogue.configuration,
              lateral (select coalesce(bool_or(lower(style) = @id), false) as by_id, coalesce(bool_or(style = @name), false) as by_name
                       from jsonb_array_elements_text(
                         case jsonb_typeof(doc #> '{type_infos,styles}') when 'array' then doc #> '{type_infos,styles}' else '[]' end) as style) as used
            where datastore = @datastore and (by_id or by_name)
            """);
        command.Parameters.AddWithValue("id", row.Id.ToString());
        command.Parameters.AddWithValue("name", row.Text("name")!);
        command.Parameters.AddWithValue("datastore", row.Datastore);
        await using var reader = await command.ExecuteReaderAsync();
        var users = new List<User>();
        while (await reader.ReadAsync())
            users.Add(new User(reader.GetGuid(0), JsonNode.Parse(reader.GetString(1))!.AsObject(), reader.GetBoolean(2)));
        return users;
    }

    /// <summary>
    /// The styles as a published layer has them, <c>[{id, title, abstract, document, legend{url, format, width, height, min_scale_denominator,
    /// max_scale_denominator}}]</c>: <c>document</c> is the digest of the file, absent where values are shown as they are; a legend that the platform draws has a URL below its root.
    /// </summary>
    /// <exception cref="ConflictException">A style has gone meanwhile.</exception>
    public static async Task<JsonArray> DescribeAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid datastore, JsonObject infos)
    {
        var problems = new List<string>();
        var styles = await ReadAsync(connection, transaction, datastore, infos, problems);
        if (problems.Count > 0)
            throw new ConflictException(string.Join(' ', problems));
        if (styles.Count == 0)
            return [ShowNormal()];
        return [.. styles.Select(one => (JsonNode)Show(one.Digest, one.Style))];
    }

    /// <summary>The style of layers that ask for none, likewise.</summary>
    public static JsonObject ShowNormal() => new() { ["id"] = Normal, ["title"] = "Données brutes" };

    /// <summary>One style, likewise.</summary>
    public static JsonObject Show(string digest, Rok4Style style)
    {
        var shown = new JsonObject { ["id"] = style.Identifier, ["title"] = style.Title };
        if (style.Abstract.Length > 0)
            shown["abstract"] = style.Abstract;
        if (!style.IsIdentity)
            shown["document"] = digest;
        if (style.ToRasterStyle() is TerrainRgbStyle { IsMapbox: true })
            shown["encoding"] = "mapbox";
        if (style.Legend is { } legend)
        {
            shown["legend"] = new JsonObject
            {
                ["url"] = legend.Url, ["format"] = legend.Format, ["width"] = legend.Width, ["height"] = legend.Height,
                ["min_scale_denominator"] = legend.MinScaleDenominator, ["max_scale_denominator"] = legend.MaxScaleDenominator,
            };
        }
        else if (style.LegendSize is var (width, height))
        {
            shown["legend"] = new JsonObject { ["url"] = $"/legends/{digest}.png", ["format"] = "image/png", ["width"] = width, ["height"] = height };
        }

        return shown;
    }

    private static async Task<IReadOnlyList<(string Digest, Rok4Style Style)>> ReadAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, Guid datastore, JsonObject infos, List<string> problems)
    {
        var styles = new List<(string, Rok4Style)>();
        foreach (var reference in infos["styles"] is JsonArray listed ? listed.Select(one => (string)one!) : [])
        {
            await using var command = new NpgsqlCommand(
                """
                select s.type, s.name, s.digest, d.file from catalogue.static s join catalogue.style_document d on d.digest = s.digest
                where s.datastore = @datastore and (s.id::text = lower(@reference) or s.name = @reference)
                order by s.id::text = lower(@reference) desc limit 1
                """, connection, transaction);
            command.Parameters.AddWithValue("datastore", datastore);
            command.Parameters.AddWithValue("reference", reference);
            await using var reader = await command.ExecuteReaderAsync();
            if (!await reader.ReadAsync())
                problems.Add($"There is no static \"{reference}\" in this datastore: \"type_infos.styles\" holds ids or names of statics of type {StaticTypes.Rok4Style}.");
            else
                styles.Add((reader.GetString(2), Rok4StyleJson.Read(reader.GetFieldValue<byte[]>(3), reader.GetString(1))));
        }

        return styles;
    }

    private async Task<IReadOnlyList<(Guid Id, PixelFormat Format)>> FormatsAsync(IReadOnlyList<UsedPyramid> data)
    {
        var formats = new List<(Guid, PixelFormat)>();
        foreach (var used in data.Select(one => one.StoredData).Distinct())
        {
            if ((await store.FindAsync(EntityTable.StoredData, used))?.Doc["type_infos"] is not JsonObject infos || infos["channels_number"] is not { } channels)
                continue;
            formats.Add((used, new PixelFormat((string?)infos["channels_format"] == "FLOAT32" ? SampleType.Float32 : SampleType.UInt8, (int)channels)));
        }

        return formats;
    }
}
