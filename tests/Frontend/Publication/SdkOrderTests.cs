using System.Net;
using System.Text.Json.Nodes;
using Npgsql;

namespace Grid.Frontend.Tests.Publication;

/// <summary>The calls of the official SDK's raster workflow, in its order, each step as a new process would make them.</summary>
[Collection("publication")]
public sealed class SdkOrderTests(PublicationHost host)
{
    [Fact]
    public async Task Raster_workflow_goes_from_a_closed_upload_to_a_published_layer_and_back()
    {
        var upload = await host.CloseUploadAsync();
        var name = $"DUPONT__pyramide {Guid.NewGuid()}";

        // Step "pyramide".
        var processings = await host.GetAsync("processings?name=Calcul%20de%20pyramide%20raster&page=1&limit=10");
        Assert.Equal("1-1/1", processings.ContentRange);
        var processing = processings.Items[0]!["_id"]!.ToString();
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync($"processings/{processing}")).Status);
        var none = await host.GetAsync($"stored_data?name={Uri.EscapeDataString(name)}&tags%5Btuto%5D=oui&page=1&limit=10");
        Assert.Empty(none.Items);
        Assert.EndsWith("/0", none.ContentRange);
        var execution = await host.PostAsync("processings/executions", Producer.Execution(upload, name));
        Assert.Equal(201, execution.Code);
        Assert.Equal("CREATED", execution.Text("status"));
        var output = execution.Body!["output"]!["stored_data"]!;
        Assert.Equal("CREATED", output["status"]!.ToString());
        var stored = output["_id"]!.ToString();
        Assert.Equal("CREATED", (await host.GetAsync($"stored_data/{stored}")).Text("status"));
        Assert.True((await host.PostAsync($"stored_data/{stored}/tags", new JsonObject { ["tuto"] = "oui", ["production_year"] = 2023 })).Code is 200 or 204);
        Assert.Empty((await host.GetAsync($"stored_data/{stored}/comments")).Items);
        Assert.Equal(201, (await host.PostAsync($"stored_data/{stored}/comments", new JsonObject { ["text"] = "Tutoriel raster" })).Code);
        var following = await host.GetAsync($"processings/executions?output_stored_data={stored}");
        Assert.Equal(execution.Id, Assert.Single(following.Items)!["_id"]!.ToString());
        Assert.Equal("1-1/1", following.ContentRange);
        Assert.Equal(204, (await host.PostAsync($"processings/executions/{execution.Id}/launch")).Code);
        await host.UntilAsync($"processings/executions/{execution.Id}", answer => answer.Text("status") == "SUCCESS");
        var logs = await host.GetAsync($"processings/executions/{execution.Id}/logs");
        Assert.Contains(logs.Items, line => line!.ToString().Contains("||grid-raster-pyramid||") && line.ToString().Contains("100 slabs"));

        // Step "configuration".
        var found = await host.GetAsync($"stored_data?name={Uri.EscapeDataString(name)}&tags%5Btuto%5D=oui&page=1&limit=10");
        Assert.Equal(stored, Assert.Single(found.Items)!["_id"]!.ToString());
        var data = await host.GetAsync($"stored_data/{stored}");
        Assert.Equal("GENERATED", data.Text("status"));
        Assert.Equal("EPSG:3857", data.Text("srs"));
        Assert.Equal("2023", data.Body!["tags"]!["production_year"]!.GetValue<string>());
        Assert.Equal(123_456, (long)data.Body["size"]!);
        Assert.Equal("PM", data.Body["type_infos"]!["tms"]!.ToString());
        Assert.Equal("FILESYSTEM", data.Body["storage"]!["type"]!.ToString());
        Assert.Equal("Génération", data.Body["last_event"]!["title"]!.ToString());
        var body = Producer.Configuration(stored);
        Assert.Empty((await host.GetAsync($"configurations?name=x&layer_name={body["layer_name"]}")).Items);
        var configuration = await host.PostAsync("configurations", body);
        Assert.Equal(201, configuration.Code);
        Assert.Equal("UNPUBLISHED", configuration.Text("status"));
        Assert.True(JsonNode.DeepEquals(body["type_infos"], configuration.Body!["type_infos"]));
        await host.PostAsync($"configurations/{configuration.Id}/tags", new JsonObject { ["tuto"] = "oui" });
        await host.PostAsync($"configurations/{configuration.Id}/comments", new JsonObject { ["text"] = "c" });

        // Step "publication".
        Assert.Empty((await host.GetAsync($"configurations/{configuration.Id}/offerings")).Items);
        await using var heard = new Listener(await host.Database.OpenConnectionAsync());
        var offering = await host.PostAsync(
            $"configurations/{configuration.Id}/offerings", new JsonObject { ["endpoint"] = Producer.OpenEndpoint, ["visibility"] = "PRIVATE", ["open"] = true });
        Assert.Equal(201, offering.Code);
        Assert.Contains(offering.Text("status"), (string[])["PUBLISHING", "PUBLISHED"]);
        var published = await host.UntilAsync($"offerings/{offering.Id}", answer => answer.Text("status") == "PUBLISHED");
        Assert.Equal(["WMTS", "TMS"], published.Body!["urls"]!.AsArray().Select(url => url!["type"]!.ToString()));
        Assert.EndsWith($"/tms/1.0.0/{body["layer_name"]}", published.Body["urls"]![1]!["url"]!.ToString());
        Assert.StartsWith("http://127.0.0.1:", published.Body["urls"]![0]!["url"]!.ToString());
        Assert.True(await heard.WaitAsync());
        await host.UntilAsync($"configurations/{configuration.Id}", answer => answer.Text("status") == "PUBLISHED");
        var layer = JsonNode.Parse(await host.ScalarAsync<string>(
            "select doc::text from catalogue.published_layer where offering = @id", ("id", Guid.Parse(offering.Id))))!;
        Assert.Equal($"pyramids/{stored}/1", layer["pyramids"]![0]!["storage_prefix"]!.ToString());
        Assert.Equal("[2,48,2.5,48.5]", layer["bounds"]!.ToJsonString());

        // Cascade deletion: offerings first, polled to 404, then configurations, then the stored data.
        Assert.Equal(409, (await host.SendAsync(HttpMethod.Delete, $"stored_data/{stored}")).Code);
        Assert.Equal(409, (await host.SendAsync(HttpMethod.Delete, $"configurations/{configuration.Id}")).Code);
        var users = await host.GetAsync($"configurations?stored_data={stored}&page=1&limit=10");
        Assert.Equal(configuration.Id, Assert.Single(users.Items)!["_id"]!.ToString());
        Assert.True((await host.SendAsync(HttpMethod.Delete, $"offerings/{offering.Id}")).Code is 200 or 204);
        await host.UntilAsync($"offerings/{offering.Id}", answer => answer.Status == HttpStatusCode.NotFound);
        await host.UntilAsync($"configurations/{configuration.Id}", answer => answer.Text("status") == "UNPUBLISHED");
        Assert.Equal(0L, await host.ScalarAsync<long>("select count(*) from catalogue.published_layer where offering = @id", ("id", Guid.Parse(offering.Id))));
        Assert.Equal(204, (await host.SendAsync(HttpMethod.Delete, $"configurations/{configuration.Id}")).Code);
        Assert.Equal(404, (await host.GetAsync($"configurations/{configuration.Id}")).Code);
        Assert.Equal(204, (await host.SendAsync(HttpMethod.Delete, $"stored_data/{stored}")).Code);
        Assert.Equal(404, (await host.GetAsync($"stored_data/{stored}")).Code);
        Assert.Empty((await host.GetAsync($"stored_data?name={Uri.EscapeDataString(name)}")).Items);
    }

    private sealed class Listener : IAsyncDisposable
    {
        private readonly NpgsqlConnection _connection;

        public Listener(NpgsqlConnection connection)
        {
            _connection = connection;
            using var listen = new NpgsqlCommand("listen catalogue_layers", connection);
            listen.ExecuteNonQuery();
        }

        public Task<bool> WaitAsync() => _connection.WaitAsync(TimeSpan.FromSeconds(30));

        public ValueTask DisposeAsync() => _connection.DisposeAsync();
    }
}
