using System.Text.Json.Nodes;
using System.Xml.Linq;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Serving;

/// <summary>The values of a pixel, where the configuration asks for them, in every format; the truth is what GDAL reads in the tile.</summary>
[Collection("grid")]
public sealed class FeatureInfoTests(SharedGrid shared)
{
    private const int I = 100, J = 30;

    [Fact]
    public async Task Values_of_a_pixel_are_told_in_every_format()
    {
        const string Layer = "ortho_values";
        await shared.Producer.PublishAsync(shared.Pyramid, Layer, new JsonObject { ["getfeatureinfo"] = new JsonObject { ["stored_data"] = true } });
        var tile = shared.Tile with { Layer = Layer };
        var values = await ValuesAsync(tile);
        string Info(string format, int i = I) => tile.Address(("REQUEST", "GetFeatureInfo"), ("I", $"{i}"), ("J", $"{J}"), ("INFOFORMAT", format));

        var json = JsonNode.Parse(await shared.Http.GetStringAsync(Info("application/json")))!["features"]![0]!["properties"]!;
        Assert.Equal(values, Enumerable.Range(1, 3).Select(band => json[$"band_{band}"]!.ToString()));
        var xml = XDocument.Parse(await shared.Http.GetStringAsync(Info("text/xml")));
        Assert.Equal(values, xml.Root!.Elements("Value").Select(value => value.Value));
        var plain = await shared.Http.GetStringAsync(Info("text/plain"));
        Assert.All(values.Index(), value => Assert.Contains($"Band {value.Index + 1}: {value.Item}\n", plain));
        var html = XDocument.Parse((await shared.Http.GetStringAsync(Info("text/html"))).Replace("<!DOCTYPE html>", ""));
        Assert.Equal(values, html.Descendants("td").TakeLast(3).Select(cell => cell.Value));
        Assert.Equal(plain, await shared.Http.GetStringAsync($"/wmts/1.0.0/{Layer}/normal/PM/{tile.Level}/{tile.Row}/{tile.Col}/{J}/{I}.txt"));

        Assert.Equal((400, "PointIJOutOfRange"), Told(await ServiceError.GetAsync(shared.Http, Info("text/plain", 256))));
        Assert.Equal((400, "InvalidParameterValue"), Told(await ServiceError.GetAsync(shared.Http, Info("image/png"))));
        Assert.Contains("<InfoFormat>application/json</InfoFormat>", await shared.Http.GetStringAsync("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities"));
    }

    private static (int, string?) Told(ServiceError error) => (error.Status, error.Code);

    private async Task<IReadOnlyList<string>> ValuesAsync(KvpTile tile)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("grid-tile-").FullName, "tile.png");
        await File.WriteAllBytesAsync(file, await shared.Http.GetByteArrayAsync(tile.Address()));
        var values = (await Programs.RunAsync("gdallocationinfo", ["-valonly", file, $"{I}", $"{J}"])).Expect().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        Assert.Equal(3, values.Length);
        return values;
    }
}
