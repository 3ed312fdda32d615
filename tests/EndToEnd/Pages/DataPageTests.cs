using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.Pages;

/// <summary>A producer's whole part by the pages alone, in a browser, against the real server.</summary>
[Collection("grid")]
public sealed class DataPageTests(SharedGrid shared) : IAsyncLifetime
{
    private Browser? _browser;

    private Browser Page => _browser!;

    [BrowserFact]
    public async Task Lot_is_delivered_processed_published_seen_and_taken_away_without_a_command()
    {
        await OpenAsync();
        await Page.EvaluateAsync("document.querySelector('details.process').open = true");
        await Page.ChooseFilesAsync(".picker input[multiple]", Files());
        // The name is what the files' names share, the CRS what the first of them says.
        await Page.UntilAsync("document.querySelector('[name=srs]').value === 'EPSG:2154'");
        await Page.EvaluateAsync("document.querySelector('[name=name]').value = 'by-hand'");
        await Page.EvaluateAsync("document.querySelector('form[aria-label=\"New delivery\"]').requestSubmit()");
        await Page.UntilAsync("document.querySelector('.sendings .status')?.textContent === 'sent'");
        Assert.Contains("4 of 4 files", (string?)await Page.EvaluateAsync("document.querySelector('.sendings').innerText"));

        await OpenRowAsync("by-hand");
        await Page.UntilAsync("[...document.querySelectorAll('.details summary')].filter(s => /Vérification .*success/.test(s.textContent)).length === 2");
        await Page.UntilAsync("document.querySelector('[name=\"parameter.compression\"]')");
        await Page.EvaluateAsync("document.querySelector('[name=\"parameter.compression\"]').value = 'png'");
        await Page.EvaluateAsync("document.querySelector('form[aria-label=\"Process by-hand\"]').requestSubmit()");
        await Page.UntilAsync("location.pathname === '/builds' && document.querySelector('.build .status')?.textContent === 'success'");

        await Page.EvaluateAsync("[...document.querySelectorAll('.build a')].find(a => a.textContent.startsWith('publish')).click()");
        await Page.UntilAsync("document.querySelector('.publish button')");
        await Page.EvaluateAsync("document.querySelector('.publish').requestSubmit()");
        await Page.UntilAsync("document.querySelectorAll('.uses .status.good').length === 2");
        Assert.Equal("", string.Join('\n', Page.Complaints));
        await Page.EvaluateAsync("document.querySelector('.uses a').click()");
        await Page.UntilAsync("location.pathname === '/map' && [...document.querySelectorAll('.ol-layer canvas')].some(c => c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data[3] === 255)");

        await OpenAsync(loggedIn: true);
        foreach (var service in (string[])["WMTS-TMS", "WMS-RASTER"])
        {
            await Page.EvaluateAsync($"[...document.querySelectorAll('[aria-labelledby=offerings-title] tbody tr')].find(row => row.textContent.includes('by-hand') && row.textContent.includes('{service}')).querySelector('button').click()");
            await Page.UntilAsync("document.querySelector('[aria-label=\"Unpublish by-hand\"]')");
            await Page.EvaluateAsync("document.querySelector('[aria-label=\"Unpublish by-hand\"]').click()");
            await Page.UntilAsync($"![...document.querySelectorAll('[aria-labelledby=offerings-title] tbody tr')].some(row => row.textContent.includes('by-hand') && row.textContent.includes('{service}'))");
        }

        await OpenRowAsync("by-hand", "stored-data-title");
        // What is used is not deleted, and it is said why.
        await Page.UntilAsync("document.querySelectorAll('.uses [aria-label^=Delete]').length === 2");
        await Page.EvaluateAsync("document.querySelector('.acts [aria-label=\"Delete by-hand\"]').click()");
        await Page.UntilAsync("document.querySelector('.acts [role=alert]')?.textContent.includes('configuration')");
        for (var left = 1; left >= 0; left--)
        {
            await Page.EvaluateAsync("document.querySelector('.uses [aria-label^=Delete]').click()");
            await Page.UntilAsync($"document.querySelectorAll('.uses [aria-label^=Delete]').length === {left}");
        }

        await Page.EvaluateAsync("document.querySelector('.acts [aria-label=\"Delete by-hand\"]').click()");
        await Page.UntilAsync("![...document.querySelectorAll('[aria-labelledby=stored-data-title] .row-button')].some(b => b.textContent === 'by-hand')");
        await OpenRowAsync("by-hand");
        await Page.UntilAsync("document.querySelector('.steps [aria-label=\"Delete by-hand\"]')");
        await Page.EvaluateAsync("document.querySelector('.steps [aria-label=\"Delete by-hand\"]').click()");
        await Page.UntilAsync("![...document.querySelectorAll('.row-button')].some(b => b.textContent === 'by-hand')");
        foreach (var kind in (string[])["stored_data?name=by-hand", "offerings?layer_name=by-hand", "configurations?name=by-hand", "uploads?name=by-hand&status=OPEN,CLOSED"])
            Assert.Empty(await shared.Producer.Api.ListAsync($"{shared.Producer.Datastore}/{kind}", CancellationToken.None));
    }

    [BrowserFact]
    public async Task Delivery_that_was_cut_goes_on_with_what_is_missing()
    {
        var root = $"{shared.Producer.Datastore}/uploads";
        var upload = (string)(await shared.Producer.Api.PostAsync(
            root, new JsonObject { ["name"] = "cut", ["description"] = "cut", ["type"] = "RASTER", ["srs"] = "EPSG:2154" }, CancellationToken.None))["_id"]!;
        await OpenAsync();
        await OpenRowAsync("cut");
        await Page.UntilAsync("document.querySelector('.steps .picker')");
        await Page.ChooseFilesAsync(".steps .picker input[multiple]", Files()[..2]);
        await Page.UntilAsync("document.querySelector('.sendings .status')?.textContent === 'sent'");
        await OpenAsync(loggedIn: true);
        await OpenRowAsync("cut");
        await Page.UntilAsync("document.querySelector('.steps .picker')");
        await Page.EvaluateAsync("performance.clearResourceTimings()");
        await Page.ChooseFilesAsync(".steps .picker input[multiple]", Files());
        await Page.UntilAsync("document.querySelector('.sendings .status')?.textContent === 'sent'");
        Assert.Equal(2, (int)(await Page.EvaluateAsync("performance.getEntriesByType('resource').filter(r => r.name.includes('/data?path=')).length"))!);
        await Page.EvaluateAsync("document.querySelector('.steps [aria-label=\"Close and check cut\"]').click()");
        await Page.UntilAsync("[...document.querySelectorAll('.details summary')].filter(s => /Vérification .*success/.test(s.textContent)).length === 2");
        await shared.Producer.Api.DeleteAsync($"{root}/{upload}", CancellationToken.None);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
    }

    private string[] Files() => [.. Directory.GetFiles(shared.Lot, "*.tif").Order(StringComparer.Ordinal)];

    private async Task OpenAsync(bool loggedIn = false)
    {
        _browser ??= await Browser.StartAsync();
        await Page.OpenAsync(new Uri(shared.Grid.Address, "data"));
        if (!loggedIn)
        {
            var password = (string?)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(shared.Grid.Data, "secrets.json")))!["accounts"]!["demo"];
            await Page.UntilAsync("document.getElementById('password')");
            await Page.EvaluateAsync($"document.getElementById('login').value = 'demo', document.getElementById('password').value = '{password}', document.querySelector('form.login').requestSubmit()");
        }

        await Page.UntilAsync("document.querySelectorAll('section.card table').length === 3");
        await Page.EvaluateAsync("window.confirm = () => true");
    }

    private async Task OpenRowAsync(string name, string list = "uploads-title")
    {
        var row = $"[...document.querySelectorAll('[aria-labelledby={list}] .row-button')].find(b => b.textContent === '{name}')";
        await Page.UntilAsync(row);
        await Page.EvaluateAsync($"{row}.getAttribute('aria-expanded') === 'true' || {row}.click()");
    }
}
