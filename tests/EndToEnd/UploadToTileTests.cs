using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grid.Cli.Lots;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests;

/// <summary>The whole way, call by call, as anybody's program would go it: read it as a tutorial of the REST API.</summary>
[Collection("grid")]
public sealed class UploadToTileTests(SharedGrid shared)
{
    private HttpClient Http => shared.Http;

    [Fact]
    public async Task Folder_of_dalles_becomes_a_layer_of_tiles()
    {
        var folder = Directory.CreateTempSubdirectory("grid-tutorial-").FullName;
        var dalles = OrthoLot.Generate(folder, 2, 1, 300, 0.2, seed: 7);

        // 1. A token, by login and password. The grid wrote those of its first account into its data folder.
        var secrets = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(shared.Grid.Data, "secrets.json")))!;
        using var login = await Http.PostAsync("/auth/realms/geoplateforme/protocol/openid-connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password", ["username"] = (string)secrets["login"]!, ["password"] = (string)secrets["password"]!,
            ["client_id"] = (string)secrets["client_id"]!, ["client_secret"] = (string)secrets["client_secret"]!,
        }));
        var token = (string)(await ReadAsync(login))["access_token"]!;

        // 2. The datastore: the producer's place.
        var me = await CallAsync(token, HttpMethod.Get, "users/me");
        var datastore = $"datastores/{me["communities_member"]![0]!["community"]!["datastore"]}";

        // 3. An upload, and the files in it.
        var upload = await CallAsync(token, HttpMethod.Post, $"{datastore}/uploads", new JsonObject
        {
            ["name"] = "tutorial", ["description"] = "Two dalles", ["type"] = "RASTER", ["srs"] = "EPSG:2154",
        });
        foreach (var dalle in dalles)
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent(await File.ReadAllBytesAsync(dalle)), "file", Path.GetFileName(dalle) } };
            await CallAsync(token, HttpMethod.Post, $"{datastore}/uploads/{upload["_id"]}/data?path={Path.GetFileName(dalle)}", form);
        }

        // 4. Closed, it is checked; what the checks found is in their logs.
        await CallAsync(token, HttpMethod.Post, $"{datastore}/uploads/{upload["_id"]}/close");
        await UntilAsync(token, $"{datastore}/uploads/{upload["_id"]}", "CLOSED", not: "UNSTABLE");

        // 5. A processing makes a pyramid of it.
        var processing = (await ListAsync(token, $"{datastore}/processings?name=Calcul%20de%20pyramide%20raster"))[0]!;
        var execution = await CallAsync(token, HttpMethod.Post, $"{datastore}/processings/executions", new JsonObject
        {
            ["processing"] = (string)processing["_id"]!,
            ["inputs"] = new JsonObject { ["upload"] = new JsonArray((string)upload["_id"]!) },
            ["output"] = new JsonObject { ["stored_data"] = new JsonObject { ["name"] = "tutorial" } },
            ["parameters"] = new JsonObject { ["tms"] = "PM", ["compression"] = "jpg90", ["interpolation"] = "bicubic" },
        });
        await CallAsync(token, HttpMethod.Post, $"{datastore}/processings/executions/{execution["_id"]}/launch");
        await UntilAsync(token, $"{datastore}/processings/executions/{execution["_id"]}", "SUCCESS", not: "FAILURE");
        var storedData = await CallAsync(token, HttpMethod.Get, $"{datastore}/stored_data/{execution["output"]!["stored_data"]!["_id"]}");
        Assert.Equal("GENERATED", (string?)storedData["status"]);

        // 6. A configuration says how the pyramid is shown, an offering shows it.
        var configuration = await CallAsync(token, HttpMethod.Post, $"{datastore}/configurations", new JsonObject
        {
            ["type"] = "WMTS-TMS", ["name"] = "tutorial", ["layer_name"] = "tutorial",
            ["type_infos"] = new JsonObject
            {
                ["title"] = "Tutorial", ["abstract"] = "Two dalles",
                ["used_data"] = new JsonArray(new JsonObject { ["stored_data"] = (string)storedData["_id"]!, ["top_level"] = "0", ["bottom_level"] = "19" }),
            },
        });
        var endpoint = (await CallAsync(token, HttpMethod.Get, datastore))["endpoints"]!.AsArray().Select(use => use!["endpoint"]!)
            .First(one => (string?)one["type"] == "WMTS-TMS" && (bool)one["open"]!);
        var offering = await CallAsync(token, HttpMethod.Post, $"{datastore}/configurations/{configuration["_id"]}/offerings", new JsonObject
        {
            ["endpoint"] = (string)endpoint["_id"]!, ["open"] = true,
        });
        await UntilAsync(token, $"{datastore}/offerings/{offering["_id"]}", "PUBLISHED", not: "UNSTABLE");

        // 7. Anybody gets tiles, without a token.
        var capabilities = await Http.GetStringAsync("/wmts?SERVICE=WMTS&REQUEST=GetCapabilities");
        Assert.Contains("<ows:Identifier>tutorial</ows:Identifier>", capabilities);
        var tile = KvpTile.Of(StoredPyramid.Read(shared.Grid, (string)storedData["_id"]!), "tutorial", "image/jpeg", "19");
        using var answer = await Http.GetAsync(tile.Address());
        Assert.Equal("image/jpeg", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal([0xFF, 0xD8, 0xFF], (await answer.Content.ReadAsByteArrayAsync())[..3]);
        Directory.Delete(folder, recursive: true);
    }

    private async Task<JsonNode> CallAsync(string token, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "/api/" + path)
        {
            Content = body switch { HttpContent content => content, JsonNode json => JsonContent.Create(json), _ => null },
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Http.SendAsync(request);
        return await ReadAsync(response);
    }

    private async Task<JsonArray> ListAsync(string token, string path) => (await CallAsync(token, HttpMethod.Get, path)).AsArray();

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri} answered {response.StatusCode}: {text}");
        return text.Length > 0 ? JsonNode.Parse(text)! : new JsonObject();
    }

    private async Task UntilAsync(string token, string entity, string status, string not)
    {
        while ((string?)(await CallAsync(token, HttpMethod.Get, entity))["status"] is var now && now != status)
        {
            Assert.NotEqual(not, now);
            await Task.Delay(50);
        }
    }
}
