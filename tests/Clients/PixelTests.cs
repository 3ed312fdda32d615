using System.Text.Json.Nodes;
using Grid.Fixtures;
using Xunit.Abstractions;

namespace Grid.Clients.Tests;

/// <summary>Tiles of every level against GDAL's own warp of the lot and its averages, at up to twenty random places a level.</summary>
[Collection("clients")]
public sealed class PixelTests(PublishedOrtho ortho, ITestOutputHelper output)
{
    private const int TilesALevel = 20;

    [Fact]
    public async Task Png_tiles_differ_by_less_than_0_6_grey_levels_where_there_is_data()
    {
        foreach (var (level, found) in await CompareAsync(PublishedOrtho.Png))
            Assert.True((double)found!["worst"]! < 0.6, $"level {level}: {found}");
    }

    // Where the white of no data meets the picture JPEG smears both, as GDAL's JPEG of the same pixels does; along that edge a mean that is rounded the
    // other way is a few grey levels after quantisation.
    [Fact]
    public async Task Jpeg_tiles_differ_by_less_than_2_grey_levels()
    {
        foreach (var (level, found) in await CompareAsync(PublishedOrtho.Jpeg))
        {
            Assert.True((double)found!["worst_tile"]! < 2, $"level {level}: {found}");
            Assert.True((double)found!["worst_inside"]! < 2, $"level {level}: {found}");
            Assert.True((double)found!["worst_to_jpeg"]! < 4, $"level {level}: {found}");
        }
    }

    private async Task<JsonObject> CompareAsync(string layer)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var levels = await PublishedOrtho.ScriptAsync("compare_tiles.py", ortho.Root, layer, ortho.Lot, TilesALevel.ToString(), seed.ToString());
        output.WriteLine(levels.ToJsonString());
        Assert.Equal(20, levels.Count);
        Assert.Equal(TilesALevel, (int)levels["19"]!["tiles"]!);
        return levels;
    }
}
