using System.Globalization;
using System.Text.Json;
using Grid.Ogc.Ows;
using Grid.Ogc.Tms;
using Grid.Ogc.Wmts;

namespace Grid.Ogc.Tests;

/// <summary>Layers whose styles make pictures of another format than the stored tiles: each style is asked for, and described, in its own.</summary>
public sealed class StyleFormatTests
{
    private static readonly ServedLevel s_level = Samples.Relief.Levels[^1];

    private static readonly string s_place = string.Create(CultureInfo.InvariantCulture, $"{s_level.Id}/{s_level.Limits.MinRow}/{s_level.Limits.MinCol}");

    [Theory]
    [InlineData("terrain", "image/png", true)]
    [InlineData("terrain", "image%2Fpng", true)]
    [InlineData("terrain", "image/x-bil;bits=32", false)]
    [InlineData("normal", "image/x-bil;bits=32", true)]
    [InlineData("normal", "image/png", false)]
    public void A_style_has_one_format(string style, string format, bool isRight)
    {
        var query = string.Create(CultureInfo.InvariantCulture,
            $"?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=RELIEF&STYLE={style}&FORMAT={format}&TILEMATRIXSET=LAMB93_10m&TILEMATRIX={s_level.Id}&TILEROW={s_level.Limits.MinRow}&TILECOL={s_level.Limits.MinCol}");
        Assert.Equal(isRight ? TileQueryOutcome.Tile : TileQueryOutcome.Other, WmtsTileQuery.Parse(query, Samples.Catalogue, out _, out var fast));
        Assert.Equal(isRight, WmtsKvp.TryParse(KvpParameters.Parse(query), Samples.Catalogue, WmtsErrorMode.Strict, out var request, out var error));
        if (isRight)
            Assert.Equal((style, style), (fast.Id, ((GetTile)request!).Style.Id));
        else
            Assert.Equal(("InvalidParameterValue", "format"), (error!.Code, error.Locator));
    }

    [Theory]
    [InlineData("/1.0.0/RELIEF/terrain/LAMB93_10m/{0}.png", true)]
    [InlineData("/1.0.0/RELIEF/terrain/LAMB93_10m/{0}.bil", false)]
    [InlineData("/1.0.0/RELIEF/normal/LAMB93_10m/{0}.bil", true)]
    [InlineData("/1.0.0/RELIEF/normal/LAMB93_10m/{0}.png", false)]
    public void Addresses_of_tiles_end_as_their_style_does(string path, bool isRight) =>
        Assert.Equal(isRight, WmtsRest.TryParse(string.Format(CultureInfo.InvariantCulture, path, s_place), Samples.Catalogue, out _, out _));

    [Fact]
    public void Tms_shows_the_default_style_or_the_one_asked_for()
    {
        var tile = string.Create(CultureInfo.InvariantCulture, $"/1.0.0/RELIEF/{s_level.Id}/{s_level.Limits.MinCol}/{s_level.Limits.MinRow}");
        Assert.Equal("terrain", TmsPath.Parse(tile + ".png", Samples.Catalogue).Style!.Id);
        Assert.Equal(400, TmsPath.Parse(tile + ".bil", Samples.Catalogue).Status);
        Assert.Equal("normal", TmsPath.Parse(tile + ".bil", Samples.Catalogue, "normal").Style!.Id);
        Assert.Equal((400, "Style \"x\": layer RELIEF has terrain, normal."), (TmsPath.Parse(tile + ".bil", Samples.Catalogue, "x").Status, TmsPath.Parse(tile + ".bil", Samples.Catalogue, "x").Error));
        using var json = JsonDocument.Parse(TmsDocuments.MetadataJson(Samples.Relief, Samples.Relief.DefaultStyle, Samples.Root));
        Assert.Equal(("png", "mapbox"), (json.RootElement.GetProperty("format").GetString(), json.RootElement.GetProperty("encoding").GetString()));
        Assert.EndsWith("/{z}/{x}/{y}.png", json.RootElement.GetProperty("tiles")[0].GetString());
        using var other = JsonDocument.Parse(TmsDocuments.MetadataJson(Samples.Relief, Samples.Relief.FindStyle("normal")!, Samples.Root));
        Assert.EndsWith("/{z}/{x}/{y}.bil?style=normal", other.RootElement.GetProperty("tiles")[0].GetString());
    }
}
