using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Grid.Frontend.Layers;
using Npgsql;

namespace Grid.Frontend.Tiles3D;

/// <summary>One tileset of a layer.</summary>
/// <param name="Version">Names it in addresses: another build has another, so that what lies below never changes.</param>
/// <param name="Prefix">Key prefix of its objects.</param>
public sealed record PublishedTileset(string Version, string Prefix)
{
    /// <summary>The tileset whose objects lie below a prefix.</summary>
    public static PublishedTileset At(string prefix) => new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(prefix)).AsSpan(0, 8)), prefix);
}

/// <summary>The tilesets of one offering, which are shown together.</summary>
public sealed record TilesetLayer(string Name, string Title, long Points, IReadOnlyList<PublishedTileset> Tilesets);

/// <summary>
/// The published clouds that have 3D Tiles, read again when a publication has happened since. A request sees one catalogue from its beginning to its end, so
/// that a new version replaces the former one whole.
/// </summary>
public sealed class TilesetCatalogue(NpgsqlDataSource database, PublishedLayers layers)
{
    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile Snapshot? _current;

    /// <summary>The layers by name.</summary>
    public async ValueTask<IReadOnlyDictionary<string, TilesetLayer>> ReadAsync(CancellationToken cancellation)
    {
        var sequence = layers.Current.UpdateSequence;
        if (_current is { } known && known.Sequence == sequence)
            return known.Layers;
        await _reading.WaitAsync(cancellation);
        try
        {
            if (_current is { } read && read.Sequence == sequence)
                return read.Layers;
            await using var connection = await database.OpenConnectionAsync(cancellation);
            var docs = await connection.QueryAsync<string>(new CommandDefinition(
                "select doc::text from catalogue.published_layer where type = 'DOWNLOAD'", cancellationToken: cancellation));
            var found = docs.Select(Read).Where(layer => layer.Tilesets.Count > 0).ToDictionary(layer => layer.Name);
            _current = new Snapshot(sequence, found);
            return found;
        }
        finally
        {
            _reading.Release();
        }
    }

    private static TilesetLayer Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var doc = document.RootElement;
        var tilesets = new List<PublishedTileset>();
        var points = 0L;
        foreach (var part in doc.GetProperty("pyramids").EnumerateArray())
        {
            foreach (var file in part.GetProperty("files").EnumerateArray())
            {
                if (!file.TryGetProperty("tileset", out var prefix) || prefix.GetString() is not { } key)
                    continue;
                tilesets.Add(PublishedTileset.At(key));
                points += file.GetProperty("points").GetInt64();
            }
        }

        return new TilesetLayer(doc.GetProperty("name").GetString()!, doc.GetProperty("title").GetString()!, points, tilesets);
    }

    private sealed record Snapshot(long Sequence, IReadOnlyDictionary<string, TilesetLayer> Layers);
}
