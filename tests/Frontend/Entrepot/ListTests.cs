using System.Net;
using System.Text.Json.Nodes;

namespace Grid.Frontend.Tests.Entrepot;

[Collection("Entrepôt")]
public sealed class ListTests(EntrepotHost host)
{
    private async Task<(string Range, string[] Names)> ListAsync(string query)
    {
        using var answer = await host.Producer.GetAsync(new Uri($"{host.Root}/uploads?{query}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var items = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsArray();
        return (answer.Content.Headers.ContentRange?.ToString() ?? answer.Content.Headers.NonValidated["Content-Range"].ToString(),
            [.. items.Select(item => (string?)item!["name"] ?? "")]);
    }

    [Fact]
    public async Task Pages_end_when_the_total_is_reached()
    {
        for (var i = 0; i < 5; i++)
            await host.Producer.CreateUploadAsync(host.Root, $"page_{i}");
        var names = new List<string>();
        for (var page = 1; ; page++)
        {
            var (range, some) = await ListAsync($"name=page\\_%25&name=&limit=2&page={page}&sort=name,asc".Replace("\\_", "_"));
            Assert.EndsWith("/5", range);
            names.AddRange(some);
            if (names.Count >= 5)
                break;
        }

        Assert.Equal(["page_0", "page_1", "page_2", "page_3", "page_4"], names);
        Assert.Equal(("0-0/5", []), await ListAsync("name=page_%25&limit=2&page=9"));
    }

    [Fact]
    public async Task Names_match_by_equality_or_by_pattern()
    {
        await host.Producer.CreateUploadAsync(host.Root, "Match_One");
        await host.Producer.CreateUploadAsync(host.Root, "MatchXOne");
        Assert.Equal(["Match_One"], (await ListAsync("name=Match_One")).Names);
        Assert.Equal(["Match_One"], (await ListAsync("name=match_%25")).Names);
        Assert.Empty((await ListAsync("name=Match")).Names);
        Assert.Empty((await ListAsync("name=%27%20or%201%3D1%20--")).Names);
    }

    [Theory]
    [InlineData("tags[k1]=v1")]
    [InlineData("tags%5Bk1%5D=v1")]
    [InlineData("tags%5Bk1%5D=v1&tags[k2]=v%252")]
    public async Task Tags_filter_in_every_encoding(string query)
    {
        var name = $"tagged {Guid.NewGuid()}";
        var upload = await host.Producer.CreateUploadAsync(host.Root, name);
        await host.Producer.CallAsync("POST", $"{upload}/tags", """{"k1":"v1","k2":"v%2"}""");
        Assert.Contains(name, (await ListAsync(query)).Names);
        Assert.Empty((await ListAsync(query + "&tags[k3]=x")).Names);
        Assert.Empty((await ListAsync("tags[name]=" + Uri.EscapeDataString(name))).Names);
    }

    [Theory]
    [InlineData("tags=a&tags=b")]
    [InlineData("tags[]=a&tags[]=b")]
    [InlineData("tags%5B0%5D=a&tags%5B1%5D=b")]
    [InlineData("tags=a,b")]
    public async Task Tags_are_removed_in_every_spelling_of_a_list(string query)
    {
        var upload = await host.Producer.CreateUploadAsync(host.Root, "untagged");
        await host.Producer.CallAsync("POST", $"{upload}/tags", """{"a":"1","b":"2","c":"3"}""");
        Assert.Equal(HttpStatusCode.NoContent, (await host.Producer.CallAsync("DELETE", $"{upload}/tags?{query}")).Status);
        Assert.Equal(["c"], (await host.Producer.ReadAsync(upload))["tags"]!.AsObject().Select(tag => tag.Key));
    }

    [Theory]
    [InlineData("fields=name,status")]
    [InlineData("fields=name&fields=status")]
    [InlineData("fields[]=name&fields[]=status&fields=nothing")]
    public async Task Fields_choose_columns_and_the_id_always_comes(string query)
    {
        await host.Producer.CreateUploadAsync(host.Root, "fields");
        var first = (await host.Producer.ReadAsync($"{host.Root}/uploads?limit=1&{query}"))[0]!.AsObject();
        Assert.Equal(["_id", "creation", "name", "status", "update"], first.Select(key => key.Key).Order());
    }

    [Theory]
    [InlineData("page=0")]
    [InlineData("page=-1")]
    [InlineData("page=x")]
    [InlineData("limit=0")]
    [InlineData("limit=99999999999")]
    public async Task Impossible_pages_are_refused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await host.Producer.CallAsync("GET", $"{host.Root}/uploads?{query}")).Status);

    [Theory]
    [InlineData("sort=last_event,desc")]
    [InlineData("sort=nothing,asc")]
    [InlineData("sort=name;drop table catalogue.upload,desc")]
    [InlineData("open=True")]
    [InlineData("open=%22false%22")]
    [InlineData("status=open&type=RASTER&unknown=1")]
    [InlineData("status=%00&name=%00&tags[a%00]=b%00")]
    public async Task Known_filters_work_and_unknown_ones_are_ignored(string query) => await ListAsync(query);

    [Fact]
    public async Task Tile_matrix_sets_have_levels_and_files()
    {
        var sets = (await host.Producer.ReadAsync("/api/statics/tms")).AsArray();
        Assert.Contains("PM", sets.Select(set => (string?)set!["_id"]));
        var pm = await host.Producer.ReadAsync("/api/statics/tms/PM");
        Assert.Equal("0", (string?)pm["levels"]![0]!["id"]);
        Assert.Equal("PM", (string?)(await host.Producer.ReadAsync("/api/statics/tms?type=pm%25&srs=EPSG:3857"))[0]!["_id"]);
        Assert.NotNull((await host.Producer.ReadAsync("/api/statics/tms/PM/file"))["tileMatrices"]);
        await host.Producer.ReadAsync("/api/statics/tms/nothing", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Datastore_shows_quotas_and_its_open_endpoint_first()
    {
        var datastore = await host.Producer.ReadAsync(host.Root);
        var endpoint = datastore["endpoints"]!.AsArray().First(item => (string?)item!["endpoint"]!["type"] == "WMTS-TMS")!;
        Assert.Equal("ae032611-13eb-4a18-8d04-9b7604a031cc", (string?)endpoint["endpoint"]!["_id"]);
        Assert.True((bool)endpoint["endpoint"]!["open"]!);
        Assert.Equal($"{host.Address}/wmts", (string?)endpoint["endpoint"]!["urls"]![0]!["url"]);
        Assert.Equal(500_000_000_000, (long)datastore["storages"]!["uploads"]!["quota"]!);
        Assert.Single((await host.Producer.ReadAsync($"{host.Root}/checks?name=V%C3%A9rification%20raster")).AsArray());
    }
}
