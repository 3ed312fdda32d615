using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
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

/// <summary>The published clouds that have 3D Tiles. Safe for concurrent use.</summary>
public sealed class TilesetCatalogue(NpgsqlDataSource database, PublishedLayers layers, ILogger<TilesetCatalogue> log)
{
    private readonly PublishedDocuments<TilesetLayer> _documents = new(database, layers, log, (doc, _) => Read(doc), layer => layer.Name);

    /// <summary>The layers by name; hold them for the length of a request.</summary>
    public ValueTask<IReadOnlyDictionary<string, TilesetLayer>> ReadAsync(CancellationToken cancellation) => _documents.ReadAsync(cancellation);

    private static TilesetLayer? Read(JsonElement doc)
    {
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

        return tilesets.Count == 0 ? null : new TilesetLayer(doc.GetProperty("name").GetString()!, doc.GetProperty("title").GetString()!, points, tilesets);
    }
}
