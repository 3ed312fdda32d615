using System.Globalization;
using System.Text.Json.Nodes;

namespace Grid.Grains.Catalogue;

/// <summary>A row of an <see cref="EntityTable"/> as it was read. Column names are the table's.</summary>
public sealed class EntityRow(JsonObject columns)
{
    public Guid Id => Uuid("id");

    public Guid Datastore => Uuid("datastore");

    public string Status => Text("status") ?? "";

    /// <summary>The entity as the REST API shows it, without the columns beside it; the caller's own copy.</summary>
    public JsonObject Doc { get; } = columns["doc"] is JsonObject doc ? doc.DeepClone().AsObject() : [];

    /// <summary>The tags; the caller's own copy.</summary>
    public JsonObject Tags { get; } = columns["tags"] is JsonObject tags ? tags.DeepClone().AsObject() : [];

    public string? Text(string column) => (string?)columns[column];

    public long Number(string column) => (long?)columns[column] ?? 0;

    public bool Flag(string column) => (bool?)columns[column] ?? false;

    public Guid Uuid(string column) => UuidOrNull(column) ?? Guid.Empty;

    public Guid? UuidOrNull(string column) => Text(column) is { } text ? Guid.Parse(text) : null;

    public IReadOnlyList<Guid> Uuids(string column) =>
        columns[column] is JsonArray array ? [.. array.Select(item => Guid.Parse((string)item!))] : [];

    public DateTimeOffset? Date(string column) => Text(column) is { } text
        ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)
        : null;
}
