using System.Text.Json.Nodes;
using Grid.Fixtures;
using Grid.Frontend.Tiles3D;
using Grid.PointCloud;
using Grid.PointCloud.Copc;

namespace Grid.Frontend.Tests.Tiles3D;

public class TilesetRootTests
{
    [Fact]
    public async Task One_document_shows_the_tilesets_of_two_clouds_where_each_has_them()
    {
        var clouds = new Dictionary<string, Dictionary<string, byte[]>> { ["a"] = await TileAsync(1, 648000), ["b"] = await TileAsync(2, 652000) };
        var together = TilesetRoot.Together([.. clouds.Select(cloud => ($"{cloud.Key}/tileset.json", TilesetRoot.Read(cloud.Value["tileset.json"])))]);
        var check = await TilesetCheck.ReadAsync(name => Task.FromResult(Content(name)));
        Assert.Empty(check.Findings);

        var apart = new List<CheckedTile>();
        foreach (var cloud in clouds.Values)
            apart.AddRange((await TiledClouds.CheckAsync(cloud)).Tiles);
        Assert.Equal(apart.Sum(tile => (long)tile.File.Count), check.Points);
        Assert.Equal(apart.SelectMany(tile => tile.Places), check.Tiles.SelectMany(tile => tile.Places));
        var extras = check.Root["asset"]!["extras"]!;
        Assert.Equal(check.Points, (long)extras["points"]!);
        Assert.Equal(check.Points, extras["classes"]!.AsObject().Sum(pair => (long)pair.Value!));

        byte[] Content(string name)
        {
            if (name == "tileset.json")
                return together;
            var content = clouds[name[..1]][name[2..]];
            return name.EndsWith(".glb") ? TiledClouds.Decompress(content) : content;
        }
    }

    [Fact]
    public async Task Layer_of_one_tileset_has_its_box_turned_to_the_earth()
    {
        var document = JsonNode.Parse(TilesetRoot.Together([("v/tileset.json", TilesetRoot.Read((await TileAsync(3, 648000))["tileset.json"]))]))!;
        var box = document["root"]!["boundingVolume"]!["box"]!.AsArray().Select(number => (double)number!).ToArray();
        // The earth's radius there, from its centre to the middle of the cloud.
        Assert.InRange(Math.Sqrt((box[0] * box[0]) + (box[1] * box[1]) + (box[2] * box[2])), 6_365_000, 6_368_000);
        Assert.Equal("v/tileset.json", (string?)document["root"]!["content"]!["uri"]);
    }

    private static async Task<Dictionary<string, byte[]>> TileAsync(int seed, double x)
    {
        await using var copc = await CopcReader.OpenAsync(new StreamByteSource(new MemoryStream(await TiledClouds.HillsideAsync(50, seed, x)), "hillside.copc.laz"));
        return await TiledClouds.TileAsync(copc);
    }
}
