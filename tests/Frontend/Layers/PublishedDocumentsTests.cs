using Dapper;
using Grid.Frontend.Downloads;
using Grid.Frontend.Layers;
using Grid.Frontend.Tests.Publication;
using Grid.Frontend.Tiles3D;
using Microsoft.Extensions.Logging.Abstractions;

namespace Grid.Frontend.Tests.Layers;

[Collection("publication")]
public sealed class PublishedDocumentsTests(PublicationHost host)
{
    private const string Whole = """
        {"name": "whole", "title": "Whole", "abstract": null, "pyramids": [{"name": "p", "title": "P", "crs": "EPSG:2154", "bounds": [2, 48, 3, 49], "points": 7,
         "files": [{"name": "a.copc.laz", "key": "k/a.copc.laz", "size": 12, "bounds": [0, 0, 1, 2, 3, 4], "points": 7, "block": true, "tileset": "k/tiles/"}]}]}
        """;

    [Fact]
    public async Task Document_that_cannot_be_read_takes_no_other_download_away()
    {
        await using var connection = await host.Database.OpenConnectionAsync();
        var offerings = new List<Guid>();
        foreach (var (name, doc) in new[] { ("whole", Whole), ("torn", """{"name": "torn"}"""), ("untrue", """{"name": 5, "pyramids": "none"}""") })
        {
            offerings.Add(Guid.NewGuid());
            await connection.ExecuteAsync(
                "insert into catalogue.published_layer (offering, type, layer_name, version, doc) values (@offering, 'DOWNLOAD', @name, 1, @doc::jsonb)",
                new { offering = offerings[^1], name, doc });
        }

        using var layers = new PublishedLayers(host.Database, NullLogger<PublishedLayers>.Instance);
        var downloads = await new DownloadCatalogue(host.Database, layers, NullLogger<DownloadCatalogue>.Instance).ReadAsync(default);
        Assert.Equal(("whole", "k/a.copc.laz"), (Assert.Single(downloads).Key, downloads["whole"].Parts[0].Files[0].Key));
        var tilesets = await new TilesetCatalogue(host.Database, layers, NullLogger<TilesetCatalogue>.Instance).ReadAsync(default);
        Assert.Equal(("whole", 7L, "k/tiles/"), (Assert.Single(tilesets).Key, tilesets["whole"].Points, tilesets["whole"].Tilesets[0].Prefix));
        await connection.ExecuteAsync("delete from catalogue.published_layer where offering = any(@offerings)", new { offerings = offerings.ToArray() });
    }
}
