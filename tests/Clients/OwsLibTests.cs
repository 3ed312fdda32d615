using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.Clients.Tests;

/// <summary>OWSLib as a client: it finds the layer in the capabilities and gets a tile by them.</summary>
[Collection("clients")]
public sealed class OwsLibTests(PublishedOrtho ortho)
{
    [PythonFact("owslib", "python3-owslib")]
    public async Task Layer_is_found_in_the_capabilities_and_gives_a_tile()
    {
        var said = await PublishedOrtho.ScriptAsync("owslib_layer.py", ortho.Capabilities, PublishedOrtho.Jpeg, "10", "351", "518");
        Assert.Equal(PublishedOrtho.Jpeg, (string?)said["title"]);
        Assert.Equal(["image/jpeg"], said["formats"]!.AsArray().Select(format => (string)format!));
        Assert.Equal("PM_0_19", (string?)said["set"]);
        Assert.Contains("GetTile", said["operations"]!.AsArray().Select(operation => (string)operation!));
        Assert.True((int)said["tile_bytes"]! > 300);
        var bounds = said["bounds"]!.AsArray().Select(bound => (double)bound!).ToList();
        Assert.InRange(bounds[0], 2.31, 2.33);
        Assert.InRange(bounds[3], 48.91, 48.95);
    }
}
