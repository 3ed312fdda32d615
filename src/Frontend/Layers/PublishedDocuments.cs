using System.Text.Json;
using Dapper;
using Npgsql;

namespace Grid.Frontend.Layers;

/// <summary>
/// What is read of the documents of the published downloads, by name; read again when a publication has happened since. A request sees one catalogue from its
/// beginning to its end, so that a new version replaces the former one whole. A document that cannot be read is told to the log and takes no other with it.
/// </summary>
/// <param name="read">Makes an entry of a document and the moment of its last change; null when it has nothing to show.</param>
/// <param name="nameOf">Name of an entry.</param>
internal sealed class PublishedDocuments<TEntry>(
    NpgsqlDataSource database, PublishedLayers layers, ILogger log, Func<JsonElement, DateTimeOffset, TEntry?> read, Func<TEntry, string> nameOf)
    where TEntry : class
{
    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile Snapshot? _current;

    public async ValueTask<IReadOnlyDictionary<string, TEntry>> ReadAsync(CancellationToken cancellation)
    {
        var sequence = layers.Current.UpdateSequence;
        if (_current is { } known && known.Sequence == sequence)
            return known.Entries;
        await _reading.WaitAsync(cancellation);
        try
        {
            if (_current is { } newest && newest.Sequence == sequence)
                return newest.Entries;
            await using var connection = await database.OpenConnectionAsync(cancellation);
            var rows = await connection.QueryAsync<(string Layer, string Doc, DateTime Updated)>(new CommandDefinition(
                """
                select l.layer_name, l.doc::text, coalesce(o.update, now()) from catalogue.published_layer l left join catalogue.offering o on o.id = l.offering
                where l.type = 'DOWNLOAD'
                """, cancellationToken: cancellation));
            var entries = rows.Select(row => Read(row.Layer, row.Doc, new DateTimeOffset(row.Updated, TimeSpan.Zero))).OfType<TEntry>().ToDictionary(nameOf);
            _current = new Snapshot(sequence, entries);
            return entries;
        }
        finally
        {
            _reading.Release();
        }
    }

    private TEntry? Read(string layer, string doc, DateTimeOffset updated)
    {
        try
        {
            using var document = JsonDocument.Parse(doc);
            return read(document.RootElement, updated);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            log.LogError(error, "The published download {Layer} cannot be read and is not served", layer);
            return null;
        }
    }

    private sealed record Snapshot(long Sequence, IReadOnlyDictionary<string, TEntry> Entries);
}
