using System.Text.Json.Nodes;
using Grid.Interfaces.Catalogue;
using Microsoft.Extensions.DependencyInjection;
using Orleans;

namespace Grid.Frontend.Tests.Publication;

[Collection("publication")]
public sealed class OfferingTests(PublicationHost host)
{
    [Fact]
    public async Task Rebuilt_pyramid_is_served_only_after_synchronisation_and_the_old_one_is_deleted_then()
    {
        var (_, stored) = await host.BuildAsync("rebuilt");
        var configuration = (await host.PostAsync("configurations", Producer.Configuration(stored))).Id;
        var offering = await host.PublishAsync(configuration);
        Assert.Equal($"pyramids/{stored}/1", await PrefixAsync(offering));

        var again = Producer.Execution(await host.CloseUploadAsync(), "x");
        again["output"] = new JsonObject { ["stored_data"] = new JsonObject { ["_id"] = stored } };
        var execution = await host.PostAsync("processings/executions", again);
        Assert.Equal(201, execution.Code);
        await host.PostAsync($"processings/executions/{execution.Id}/launch");
        await host.UntilAsync($"processings/executions/{execution.Id}", answer => answer.Text("status") == "SUCCESS");
        Assert.Equal("GENERATED", (await host.GetAsync($"stored_data/{stored}")).Text("status"));
        Assert.Equal($"pyramids/{stored}/1", await PrefixAsync(offering));
        await host.UntilObjectsAsync($"pyramids/{stored}/1/", 2);

        var version = await VersionAsync(offering);
        Assert.Equal(200, (await host.SendAsync(HttpMethod.Put, $"offerings/{offering}")).Code);
        await host.UntilAsync($"offerings/{offering}", answer => answer.Text("status") == "PUBLISHED");
        Assert.Equal($"pyramids/{stored}/2", await PrefixAsync(offering));
        Assert.True(await VersionAsync(offering) > version);
        await host.UntilObjectsAsync($"pyramids/{stored}/1/", 0);
        await host.UntilObjectsAsync($"pyramids/{stored}/2/", 2);
    }

    [Fact]
    public async Task Offering_that_is_not_available_is_not_served_until_it_is_again()
    {
        var (_, stored) = await host.BuildAsync("available");
        var offering = await host.PublishAsync((await host.PostAsync("configurations", Producer.Configuration(stored))).Id);
        Assert.Equal(1, await RowsAsync());
        await ChangeAsync(HttpMethod.Patch, new JsonObject { ["available"] = false });
        Assert.Equal(0, await RowsAsync());
        await ChangeAsync(HttpMethod.Put, null);
        Assert.Equal(0, await RowsAsync());
        await ChangeAsync(HttpMethod.Patch, new JsonObject { ["available"] = true });
        Assert.Equal(1, await RowsAsync());

        async Task ChangeAsync(HttpMethod method, JsonNode? body)
        {
            Assert.Equal(200, (await host.SendAsync(method, $"offerings/{offering}", body)).Code);
            await host.UntilAsync($"offerings/{offering}", answer => answer.Text("status") == "PUBLISHED");
        }

        Task<long> RowsAsync() => host.ScalarAsync<long>("select count(*) from catalogue.published_layer where offering = @id", ("id", Guid.Parse(offering)));
    }

    [Fact]
    public async Task Publication_that_fails_for_no_known_reason_ends_unstable()
    {
        var (_, stored) = await host.BuildAsync("failing");
        var configuration = (await host.PostAsync("configurations", Producer.Configuration(stored))).Id;
        var offering = await host.PublishAsync(configuration);
        // The last that the publication writes; what is changed before could be written over.
        await host.UntilAsync($"configurations/{configuration}", answer => answer.Body!["last_event"]?["title"]?.ToString() == "Publication");
        await host.ExecuteAsync("update catalogue.configuration set doc = doc #- '{type_infos,used_data}' where id = @id", ("id", Guid.Parse(configuration)));
        await host.SendAsync(HttpMethod.Put, $"offerings/{offering}");
        await host.UntilAsync($"offerings/{offering}", answer => answer.Text("status") == "UNSTABLE");
    }

    [Fact]
    public async Task What_a_publication_tells_others_is_told_after_an_outage_too()
    {
        var (_, stored) = await host.BuildAsync("outage");
        var configuration = (await host.PostAsync("configurations", Producer.Configuration(stored))).Id;
        // Two writes of this configuration's row at each end meet a database that shuts down; numbers of a sequence outlive their transactions.
        await host.ExecuteAsync(
            $$"""
            create sequence test_outage;
            create function test_outage() returns trigger language plpgsql as $body$
            begin
              if nextval('test_outage') in (1, 2, 4, 5) then raise exception 'away' using errcode = '57P01'; end if;
              return new;
            end $body$;
            create trigger test_outage before update on catalogue.configuration for each row when (old.id = '{{configuration}}') execute function test_outage();
            """);
        try
        {
            var offering = await host.PublishAsync(configuration);
            await host.UntilAsync($"configurations/{configuration}", answer => answer.Text("status") == "PUBLISHED");
            await host.SendAsync(HttpMethod.Delete, $"offerings/{offering}");
            await host.UntilAsync($"configurations/{configuration}", answer => answer.Text("status") == "UNPUBLISHED");
            Assert.Equal(6, await host.ScalarAsync<long>("select last_value from test_outage"));
        }
        finally
        {
            await host.ExecuteAsync("drop trigger test_outage on catalogue.configuration; drop function test_outage; drop sequence test_outage");
        }
    }

    [Theory]
    [InlineData("by its id", true)]
    [InlineData("by its name", false)]
    public async Task Style_that_a_configuration_names_is_kept(string how, bool byId)
    {
        var (_, stored) = await host.BuildAsync($"styled {how}");
        var configuration = (await host.PostAsync("configurations", Producer.Configuration(stored))).Id;
        var style = (await host.GetAsync("statics?limit=1")).Items[0]!;
        // Ids are taken in either case.
        var named = byId ? style["_id"]!.ToString().ToUpperInvariant() : style["name"]!.ToString();
        await host.ExecuteAsync(
            "update catalogue.configuration set doc = jsonb_set(doc, '{type_infos,styles}', jsonb_build_array(@named)) where id = @id", ("id", Guid.Parse(configuration)), ("named", named));
        Assert.Equal(409, (await host.SendAsync(HttpMethod.Delete, $"statics/{style["_id"]}")).Code);
        await host.SendAsync(HttpMethod.Delete, $"configurations/{configuration}");
    }

    [Fact]
    public async Task Deletion_that_was_cut_short_goes_on()
    {
        var (_, stored) = await host.BuildAsync("cut short");
        await host.UntilObjectsAsync($"pyramids/{stored}/1/", 2);
        await host.ExecuteAsync("update catalogue.stored_data set status = 'DELETED' where id = @id", ("id", Guid.Parse(stored)));
        await host.Services.GetRequiredService<IGrainFactory>().GetGrain<IStoredDataGrain>(stored).ReleaseVersionsAsync();
        await host.UntilObjectsAsync($"pyramids/{stored}/1/", 0);
    }

    [Fact]
    public async Task Changed_configuration_is_served_only_after_synchronisation()
    {
        var (_, stored) = await host.BuildAsync("changed");
        var created = await host.PostAsync("configurations", Producer.Configuration(stored));
        var offering = await host.PublishAsync(created.Id);
        // Clients send back the whole entity that they read.
        var entity = (await host.GetAsync($"configurations/{created.Id}")).Body!.DeepClone();
        entity["type_infos"]!["title"] = "Nouveau titre";
        var replaced = await host.SendAsync(HttpMethod.Put, $"configurations/{created.Id}", entity);
        Assert.Equal(200, replaced.Code);
        Assert.Equal("Ortho", await TitleAsync());
        await host.SendAsync(HttpMethod.Put, $"offerings/{offering}");
        await host.UntilAsync($"offerings/{offering}", answer => answer.Text("status") == "PUBLISHED");
        Assert.Equal("Nouveau titre", await TitleAsync());

        entity["layer_name"] = "other";
        Assert.Equal(400, (await host.SendAsync(HttpMethod.Put, $"configurations/{created.Id}", entity)).Code);

        Task<string> TitleAsync() => host.ScalarAsync<string>("select doc ->> 'title' from catalogue.published_layer where offering = @id", ("id", Guid.Parse(offering)));
    }

    [Fact]
    public async Task Layer_name_belongs_to_one_configuration_and_is_free_after_its_deletion()
    {
        var (_, stored) = await host.BuildAsync("names");
        var body = Producer.Configuration(stored);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => host.PostAsync("configurations", body.DeepClone())));
        var winner = Assert.Single(answers, answer => answer.Code == 201);
        Assert.All(answers.Where(answer => answer != winner), answer => Assert.Equal(409, answer.Code));
        Assert.Equal(204, (await host.SendAsync(HttpMethod.Delete, $"configurations/{winner.Id}")).Code);
        Assert.Equal(201, (await host.PostAsync("configurations", body.DeepClone())).Code);
    }

    [Theory]
    [InlineData("type", "\"WFS\"", "\"WFS\" are not supported: the supported types are WMTS-TMS, WMS-RASTER and DOWNLOAD")]
    [InlineData("layer_name", "\"9 ortho\"", "must be a letter or an underscore")]
    [InlineData("layer_name", "\"a/../b\"", "must be a letter or an underscore")]
    [InlineData("name", "\"\"", "\"name\" has 0 characters")]
    [InlineData("type_infos", "[]", "\"type_infos\" must be an object")]
    [InlineData("type_infos.title", "null", "\"type_infos.title\" is missing")]
    [InlineData("type_infos.bbox", "{\"west\": 5, \"east\": 2, \"south\": 0, \"north\": 1}", "\"type_infos.bbox\"")]
    [InlineData("type_infos.styles", "\"hillshade\"", "must be an array of at most 100 ids or names of statics")]
    [InlineData("type_infos.used_data", "[]", "\"type_infos.used_data\" must be an array")]
    [InlineData("metadata", "[{\"url\": \"javascript:alert(1)\"}]", "http or https")]
    [InlineData("attribution", "{\"title\": \"IGN\", \"url\": \"file:///etc/passwd\"}", "http or https")]
    public async Task Configuration_with_a_fault_is_refused_with_a_sentence(string member, string value, string sentence)
    {
        var body = Producer.Configuration(Guid.NewGuid().ToString());
        var parts = member.Split('.');
        (parts.Length == 2 ? body[parts[0]]! : body)[parts[^1]] = JsonNode.Parse(value);
        var answer = await host.PostAsync("configurations", body);
        Assert.Equal(400, answer.Code);
        Assert.Contains(sentence, answer.Sentences);
    }

    [Fact]
    public async Task Levels_must_be_those_of_the_data()
    {
        var (_, stored) = await host.BuildAsync("levels");
        var absent = await host.PostAsync("configurations", Producer.Configuration(stored, bottom: "19"));
        Assert.Equal(400, absent.Code);
        Assert.Contains("its levels are 0 to 18", absent.Sentences);
        var reversed = await host.PostAsync("configurations", Producer.Configuration(stored, top: "12", bottom: "3"));
        Assert.Equal(400, reversed.Code);
        Assert.Contains("is finer than the bottom_level", reversed.Sentences);
    }

    [Fact]
    public async Task Endpoint_must_be_known_and_a_configuration_is_published_once()
    {
        var (_, stored) = await host.BuildAsync("endpoints");
        var configuration = (await host.PostAsync("configurations", Producer.Configuration(stored))).Id;
        var unknown = await host.PostAsync($"configurations/{configuration}/offerings", new JsonObject { ["endpoint"] = Guid.NewGuid().ToString() });
        Assert.Equal(400, unknown.Code);
        Assert.Equal(400, (await host.PostAsync($"configurations/{configuration}/offerings")).Code);
        var offering = await host.PublishAsync(configuration);
        Assert.True((bool)(await host.GetAsync($"offerings/{offering}")).Body!["open"]!);
        Assert.Equal(409, (await host.PostAsync($"configurations/{configuration}/offerings", new JsonObject { ["endpoint"] = Producer.OpenEndpoint })).Code);
        var listed = await host.GetAsync($"offerings?stored_data={stored}&page=1&limit=1");
        Assert.Equal(offering, Assert.Single(listed.Items)!["_id"]!.ToString());
        Assert.Equal("1-1/1", listed.ContentRange);
    }

    [Fact]
    public async Task Request_without_a_token_is_refused_and_unknown_ids_are_not_found()
    {
        using var stranger = host.ClientOf("");
        Assert.Equal(401, (await host.SendAsync(HttpMethod.Get, "offerings", client: stranger)).Code);
        foreach (var path in (string[])["processings/executions", "stored_data", "configurations", "offerings", "processings"])
            Assert.Equal(404, (await host.GetAsync($"{path}/{Guid.NewGuid()}")).Code);
    }

    [Fact]
    public async Task Pages_of_a_list_hold_every_row_once()
    {
        foreach (var i in Enumerable.Range(0, 5))
            await host.PostAsync("processings/executions", Producer.Execution(await host.CloseUploadAsync(), $"page {i}"));
        var total = int.Parse((await host.GetAsync("stored_data?limit=1")).ContentRange!.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture);
        var seen = new HashSet<string>();
        for (var page = 1; seen.Count < total; page++)
        {
            var items = (await host.GetAsync($"stored_data?page={page}&limit=2&sort=last_event,desc")).Items;
            Assert.NotEmpty(items);
            Assert.All(items, item => Assert.True(seen.Add(item!["_id"]!.ToString())));
        }
    }

    [Fact]
    public async Task Description_of_the_api_is_served_without_a_token_and_names_every_route()
    {
        using var stranger = host.ClientOf("");
        var document = JsonNode.Parse(await stranger.GetStringAsync("v3/api-docs"))!;
        Assert.StartsWith("3.", document["openapi"]!.ToString());
        var paths = document["paths"]!.AsObject().Select(path => path.Key).ToHashSet();
        foreach (var path in (string[])["uploads", "processings/executions/{id}/launch", "stored_data/{id}/tags", "configurations/{id}", "offerings/{id}"])
            Assert.Contains($"/api/datastores/{{datastore}}/{path}", paths);
        Assert.Contains("swagger-ui", await stranger.GetStringAsync("swagger-ui/index.html"));
        Assert.True((await stranger.GetByteArrayAsync("swagger-ui/swagger-ui-bundle.js")).Length > 100_000);
    }

    private Task<string> PrefixAsync(string offering) => host.ScalarAsync<string>(
        "select doc -> 'pyramids' -> 0 ->> 'storage_prefix' from catalogue.published_layer where offering = @id", ("id", Guid.Parse(offering)));

    private Task<long> VersionAsync(string offering) =>
        host.ScalarAsync<long>("select version from catalogue.published_layer where offering = @id", ("id", Guid.Parse(offering)));
}
