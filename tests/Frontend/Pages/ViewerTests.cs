using System.Globalization;
using Grid.Fixtures;

namespace Grid.Frontend.Tests.Pages;

/// <summary>The page of point clouds in a real browser, which draws by software.</summary>
public sealed class ViewerTests(StandIn server) : IClassFixture<StandIn>
{
    /// <summary>The share of pixels that are not of the sky, and the place of one of them in the window.</summary>
    private const string Drawn =
        """
        (() => {
          const canvas = document.querySelector('#cloud canvas');
          const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height });
          const drawing = copy.getContext('2d');
          drawing.drawImage(canvas, 0, 0);
          const { data } = drawing.getImageData(0, 0, copy.width, copy.height);
          let drawn = 0, at = -1, red = 0;
          for (let i = 0; i < data.length; i += 4) {
            if (data[i] === 29 && data[i + 1] === 42 && data[i + 2] === 51) continue;
            drawn++;
            red += data[i] - data[i + 2];
            if (Math.abs(i / 4 / copy.width - copy.height / 2) < 20) at = i / 4;
          }
          const area = canvas.getBoundingClientRect();
          return { drawn, red, x: area.left + (at % copy.width) / copy.width * area.width, y: area.top + Math.floor(at / copy.width) / copy.height * area.height };
        })()
        """;

    [BrowserFact]
    public async Task Cloud_is_drawn_and_a_click_tells_of_a_point()
    {
        await using var browser = await OpenAsync("viewer3d");
        var drawn = await browser.EvaluateAsync(Drawn);
        Assert.True((int)drawn!["drawn"]! > 2000, $"{drawn["drawn"]} pixels");
        await browser.ClickAsync((double)drawn["x"]!, (double)drawn["y"]!);
        await browser.UntilAsync("document.querySelector('.point')");
        var point = (string?)await browser.EvaluateAsync("[...document.querySelectorAll('.point dt')].map(dt => dt.textContent + '=' + dt.nextSibling.textContent).join('\\n')");
        var values = point!.Split('\n').Select(line => line.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Matches("^[1-6] ", values["Class"]);
        var place = values["EPSG:2154"].Split(", ").Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        Assert.InRange(place[0], 648000, 649024);
        Assert.InRange(place[1], 6862000, 6863024);
        var altitude = double.Parse(values["Altitude"].Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(altitude, 0, 1024);
        Assert.Equal(altitude + Lambert93.Undulation, double.Parse(values["Above ellipsoid"].Split(' ')[0], CultureInfo.InvariantCulture), 0.02);
        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Legend_counts_the_points_of_each_class_and_hides_them()
    {
        await using var browser = await OpenAsync("viewer3d#color=classification");
        Assert.Equal(server.PointsOfCloud, (long)(await browser.EvaluateAsync(
            "[...document.querySelectorAll('.legend small')].reduce((sum, small) => sum + Number(small.textContent.replaceAll(',', '')), 0)"))!);
        Assert.Contains("2 Ground", (string?)await browser.EvaluateAsync("document.querySelector('.legend').innerText"));
        var before = (int)(await browser.EvaluateAsync(Drawn))!["drawn"]!;
        await browser.EvaluateAsync("[...document.querySelectorAll('.legend input')].slice(0, 5).forEach(box => box.click())");
        await browser.UntilAsync($"{Drawn}.drawn < {before} / 2");
        await browser.UntilAsync("location.hash.includes('hidden=1,2,3,4,5')");
        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Colours_by_height_photo_intensity_and_return_are_different_pictures()
    {
        await using var browser = await OpenAsync("viewer3d#color=height");
        var seen = new HashSet<int>();
        foreach (var colouring in (string[])["height", "rgb", "intensity", "return", "classification"])
        {
            await browser.EvaluateAsync($"document.getElementById('colouring').value = '{colouring}', document.getElementById('colouring').dispatchEvent(new Event('change', {{ bubbles: true }}))");
            // Two frames: the one in hand may still have the colours of before.
            await browser.EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))))");
            var red = (int)(await browser.EvaluateAsync(Drawn))!["red"]!;
            Assert.True(seen.Add(red), $"{colouring} looks like another");
            Assert.Equal(colouring == "intensity", red == 0);
        }

        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Budget_of_the_address_is_kept()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "viewer3d#budget=0.25"));
        await browser.UntilAsync("/points/.test(document.getElementById('status').textContent)");
        Assert.Equal("0.25", (string?)await browser.EvaluateAsync("document.getElementById('budget').value"));
    }

    [BrowserFact]
    public async Task Address_that_is_no_tileset_is_told_in_a_sentence()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "viewer3d#tileset=/3dtiles/absent/tileset.json"));
        await browser.UntilAsync("document.querySelector('[role=alert]')?.textContent.includes('/3dtiles/absent/tileset.json cannot be read')");
    }

    private async Task<Browser> OpenAsync(string page)
    {
        var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, page));
        var all = server.PointsOfCloud.ToString("N0", CultureInfo.InvariantCulture);
        await browser.UntilAsync($"/[1-9][0-9,]* of {all} points/.test(document.getElementById('status').textContent) && !document.getElementById('status').textContent.includes('loading')");
        await browser.UntilAsync("document.getElementById('about')");
        return browser;
    }
}
