using Grid.Fixtures;

namespace Grid.Frontend.Tests.Pages;

/// <summary>The pages in a real browser. Each test opens a new one: sessions and logins do not leak from test to test.</summary>
public sealed class BrowserTests(StandIn server) : IClassFixture<StandIn>
{
    private const string MapPixels =
        "[...document.querySelectorAll('.ol-layer canvas')].some(c => c.getContext('2d').getImageData(c.width / 2, c.height / 2, 1, 1).data[3] === 255)";

    [BrowserFact]
    public async Task Home_lists_the_published_layers_and_links_to_every_page()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(server.Address);
        await browser.UntilAsync("document.querySelectorAll('.layers li').length >= 2");
        Assert.Equal("map,viewer3d,builds,data,api/swagger-ui/index.html", (string?)await browser.EvaluateAsync("[...document.querySelectorAll('header nav a')].map(a => a.getAttribute('href')).join()"));
        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Map_draws_the_first_layer_and_keeps_what_is_shown_in_the_address()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "map"));
        await browser.UntilAsync(MapPixels);
        await browser.UntilAsync("location.hash.includes('layers=ortho-vexin&crs=EPSG:3857')");
        await browser.UntilAsync("/level \\d+/.test(document.getElementById('status').textContent)");
        Assert.Contains("Stand-in provider", (string?)await browser.EvaluateAsync("document.getElementById('panel').innerText"));
        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Tiles_come_from_the_host_of_the_page_whatever_the_capabilities_name()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "map"));
        await browser.UntilAsync(MapPixels);
        var hosts = (string?)await browser.EvaluateAsync("[...new Set(performance.getEntriesByType('resource').map(r => new URL(r.name).host))].join()");
        Assert.Equal(server.Address.Authority, hosts);
    }

    [BrowserFact]
    public async Task Layer_in_Lambert_93_is_drawn_in_its_own_projection()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "map#layers=ortho-lambert"));
        await browser.UntilAsync(MapPixels);
        await browser.UntilAsync("location.hash.includes('crs=IGNF:LAMB93')");
        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Permalink_restores_layers_opacity_and_place()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "map#layers=ortho-vexin,ortho-lambert~0.40&crs=EPSG:3857&c=2.010000,49.050000&r=9.55463"));
        await browser.UntilAsync(MapPixels);
        Assert.Equal("2", (string?)await browser.EvaluateAsync("String(document.querySelectorAll('.layer-list input:checked').length)"));
        Assert.Equal("40 %", (string?)await browser.EvaluateAsync("document.querySelectorAll('.layer-list output')[1].textContent"));
        Assert.StartsWith("49.05000° N, 2.01000° E", (string?)await browser.EvaluateAsync("document.getElementById('status').textContent"));
    }

    [BrowserFact]
    public async Task Wrong_password_is_told_in_a_sentence()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "builds"));
        await LogInAsync(browser, "wrong");
        await browser.UntilAsync("document.querySelector('[role=alert]').textContent.includes('do not go together')");
    }

    [BrowserFact]
    public async Task Slabs_of_a_running_build_fill_in_until_it_ends()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "builds"));
        await LogInAsync(browser, "demo");
        await browser.UntilAsync("document.querySelector('.build .status')?.textContent === 'success'");
        Assert.Equal("100 %", (string?)await browser.EvaluateAsync("document.querySelector('.progress-row output').textContent"));
        Assert.Equal("257 of 257", (string?)await browser.EvaluateAsync("document.querySelector('.figures dd').textContent"));
        // The last slab of the finest level has the colour of a written one, the first that of an empty one.
        const string Colours =
            """
            (() => {
              const canvas = document.querySelector('.level canvas');
              const at = (x, y) => [...canvas.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3).join();
              return at(canvas.width - 5, canvas.height - 5) + ' ' + at(3, 3);
            })()
            """;
        await browser.UntilAsync($"{Colours} === '31,122,159 195,203,200'");
        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Failed_build_names_the_raster_and_the_reason()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "builds"));
        await LogInAsync(browser, "demo");
        await browser.UntilAsync("[...document.querySelectorAll('.build-list a')].some(a => a.textContent.includes('vexin-broken'))");
        await browser.EvaluateAsync("[...document.querySelectorAll('.build-list a')].find(a => a.textContent.includes('vexin-broken')).click()");
        await browser.UntilAsync("document.querySelector('.build ul.error')?.textContent.includes('block 12 of band 1 is truncated')");
    }

    [BrowserFact]
    public async Task Failed_check_shows_its_log_at_once()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "data"));
        await LogInAsync(browser, "demo");
        await browser.UntilAsync("document.querySelectorAll('.row-button').length >= 5");
        await browser.EvaluateAsync("[...document.querySelectorAll('.row-button')].find(b => b.textContent === 'vexin-broken').click()");
        await browser.UntilAsync("document.querySelector('.log .bad')?.textContent.includes('deliver the file again')");
        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Pyramid_is_published_from_the_data_page()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "data"));
        await LogInAsync(browser, "demo");
        await browser.UntilAsync("[...document.querySelectorAll('.row-button')].some(b => b.textContent === 'vexin-spare')");
        await browser.EvaluateAsync("[...document.querySelectorAll('.row-button')].find(b => b.textContent === 'vexin-spare').click()");
        await browser.UntilAsync("document.querySelector('.publish button')");
        await browser.EvaluateAsync("document.querySelector('.publish').requestSubmit()");
        await browser.UntilAsync("[...document.querySelectorAll('.details a')].some(a => a.getAttribute('href') === 'map#layers=vexin-spare')");
    }

    [BrowserFact]
    public async Task Operations_show_silos_builds_and_errors_and_rest_when_asked_to()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "operations"));
        await LogInAsync(browser, "demo");
        await browser.UntilAsync("document.querySelectorAll('section.card').length === 6");
        const string Switches = "[...document.querySelectorAll('[aria-labelledby=services-title] tbody tr')].map(row => row.cells[2].textContent + ' ' + row.querySelector('button').textContent + ' ' + row.querySelector('button').disabled).join()";
        Assert.Equal("on Switch off false,switched off Switch on false,off by the settings Switch on true", (string?)await browser.EvaluateAsync(Switches));
        const string Rows = "[...document.querySelectorAll('[aria-labelledby=processes-title] tbody tr')].map(row => row.cells[0].firstChild.textContent + ' ' + row.cells[1].textContent).join()";
        Assert.Equal("silo-1 active,silo-2 active,silo-3 dead,web-1 active", (string?)await browser.EvaluateAsync(Rows));
        Assert.Equal("0.42", (string?)await browser.EvaluateAsync("String(document.querySelector('progress[aria-label=\"Share of vexin-2025 done\"]').value)"));
        Assert.Contains("3 of 12 files", (string?)await browser.EvaluateAsync("document.querySelector('[aria-labelledby=builds-title] tbody tr:last-child').innerText"));
        var figures = (string?)await browser.EvaluateAsync("document.querySelector('dl.figures').innerText");
        Assert.Contains("97.5 %", figures);
        Assert.Contains("120.0", figures);
        Assert.Contains("<b>attempt</b> 1 of 3", (string?)await browser.EvaluateAsync("document.querySelector('.errors .message').textContent"));
        // What moves by itself can be stopped, by the keyboard too (WCAG 2.2, 2.2.2).
        const string Time = "document.querySelector('.live time').textContent";
        var first = (string?)await browser.EvaluateAsync(Time);
        await browser.UntilAsync($"{Time} !== '{first}'");
        await browser.EvaluateAsync("document.querySelector('.live button').focus()");
        await browser.PressAsync("Enter");
        await browser.UntilAsync("document.querySelector('.live button[aria-pressed=true]')");
        Assert.StartsWith("Paused", (string?)await browser.EvaluateAsync("document.querySelector('.live p').textContent"));
        Assert.Equal("0", (string?)await browser.EvaluateAsync("String([...document.querySelectorAll('table')].filter(table => !table.querySelector('thead th[scope=col]')).length)"));
        Assert.Empty(browser.Complaints);
    }

    [BrowserFact]
    public async Task Keyboard_reaches_the_content_and_the_pages_in_order()
    {
        await using var browser = await Browser.StartAsync();
        await browser.OpenAsync(new Uri(server.Address, "map"));
        await browser.UntilAsync(MapPixels);
        var order = new List<string?>();
        for (var i = 0; i < 10; i++)
        {
            await browser.PressAsync("Tab");
            order.Add((string?)await browser.EvaluateAsync("document.activeElement.id || document.activeElement.textContent.trim()"));
        }

        Assert.Equal(["Skip to content", "Grid", "Map", "3D", "Builds", "Data", "API", "map", "+", "–"], order);
    }

    private static async Task LogInAsync(Browser browser, string password)
    {
        await browser.UntilAsync("document.getElementById('password')");
        await browser.EvaluateAsync($"document.getElementById('login').value = 'demo', document.getElementById('password').value = '{password}', document.querySelector('form').requestSubmit()");
    }
}
