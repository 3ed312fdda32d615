using System.Globalization;
using Grid.Fixtures;

namespace Grid.Clients.Tests;

/// <summary>QGIS as a client: it adds the layer from its capabilities and draws it over the lot.</summary>
[Collection("clients")]
public sealed class QgisTests(PublishedOrtho ortho)
{
    [PythonFact("qgis", "python3-qgis")]
    public async Task Layer_is_drawn_with_the_colours_of_the_lot()
    {
        // The middle of the lot, well within its footprint, in the CRS of the map.
        var middle = (await Programs.RunAsync("gdaltransform", ["-s_srs", "EPSG:2154", "-t_srs", "EPSG:3857", "-output_xy"], input: "650160 6869840\n")).Expect()
            .Split(' ', '\n').Take(2).Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        string Bound(int axis, double from) => (middle[axis] + from).ToString(CultureInfo.InvariantCulture);
        var drawn = await PublishedOrtho.ScriptAsync(
            "qgis_layer.py", ortho.Capabilities, PublishedOrtho.Png, "normal", "PM_0_19", "image/png",
            Bound(0, -60), Bound(1, -60), Bound(0, 60), Bound(1, 60), "EPSG:3857");
        Assert.True((bool)drawn["valid"]!);
        Assert.Equal(1.0, (double)drawn["drawn"]!);

        var compared = await PublishedOrtho.ScriptAsync("mean_colour.py", ortho.Lot, "EPSG:3857", Bound(0, -60), Bound(1, -60), Bound(0, 60), Bound(1, 60));
        for (var band = 0; band < 3; band++)
            Assert.InRange((double)drawn["mean"]![band]!, (double)compared["mean"]![band]! - 6, (double)compared["mean"]![band]! + 6);
    }
}
