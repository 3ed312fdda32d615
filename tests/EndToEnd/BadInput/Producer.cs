using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.BadInput;

/// <summary>An answer of the REST API, whatever its status.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonNode? Body, HttpResponseHeaders Headers)
{
    /// <summary>The sentences of an error, one after the other.</summary>
    public string Error => string.Join(' ', (Body?["error_description"] as JsonArray ?? []).Select(sentence => (string)sentence!));
}

/// <summary>How checks, or a build, ended, and every line of their logs.</summary>
internal sealed record Ending(string Status, IReadOnlyList<string> Log)
{
    /// <summary>The one error line that holds a text; fails with the whole log when there is none.</summary>
    public string Error(string holding) => Line("ERROR||", holding);

    public string Warning(string holding) => Line("WARNING||", holding);

    public override string ToString() => $"{Status}\n{string.Join('\n', Log)}";

    private string Line(string level, string holding) =>
        Log.FirstOrDefault(line => line.Contains(level, StringComparison.Ordinal) && line.Contains(holding, StringComparison.Ordinal))
        ?? throw new InvalidOperationException($"No line of {level} holds \"{holding}\":\n{this}");
}

/// <summary>A producer who speaks to the REST API without any help: each answer is seen as it is.</summary>
internal sealed class Producer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly HttpClient _http;

    private Producer(HttpClient http, string datastore) => (_http, Datastore) = (http, datastore);

    public string Datastore { get; }

    public static async Task<Producer> LogInAsync(RunningGrid grid)
    {
        var http = new HttpClient { BaseAddress = grid.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(grid));
        var user = JsonNode.Parse(await http.GetStringAsync("/api/users/me"))!;
        return new Producer(http, (string)user["communities_member"]![0]!["community"]!["datastore"]!);
    }

    public static async Task<string> TokenAsync(RunningGrid grid)
    {
        var account = Credentials.Read(Path.Combine(grid.Data, "secrets.json"));
        using var http = new HttpClient { BaseAddress = grid.Address };
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "password", ["username"] = account.Login!, ["password"] = account.Password!,
        });
        using var answer = await http.PostAsync("/auth/realms/geoplateforme/protocol/openid-connect/token", form);
        return (string)JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!["access_token"]!;
    }

    /// <summary>Sends to a path below the datastore's, and reads the answer.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, $"/api/datastores/{Datastore}/{path}") { Content = content };
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return new Answer(answer.StatusCode, text.Length > 0 ? JsonNode.Parse(text) : null, answer.Headers);
    }

    public Task<Answer> PostAsync(string path, JsonNode? body = null) => SendAsync(HttpMethod.Post, path, body is null ? null : JsonContent.Create(body));

    public async Task<JsonNode> GetAsync(string path) => Succeeded(await SendAsync(HttpMethod.Get, path)).Body!;

    public async Task<string> OpenUploadAsync(string name, string srs = "EPSG:2154", string type = "RASTER") => (string)Succeeded(await PostAsync("uploads", new JsonObject
    {
        ["name"] = name, ["description"] = name, ["type"] = type, ["srs"] = srs,
    })).Body!["_id"]!;

    public async Task<Answer> DeliverAsync(string upload, string path, byte[] content)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(content), "file", "file" } };
        return await SendAsync(HttpMethod.Post, $"uploads/{upload}/data?path={Uri.EscapeDataString(path)}", form);
    }

    public async Task<Answer> DeliverMd5Async(string upload, string name, string list)
    {
        using var form = new MultipartFormDataContent { { new StringContent(list), "file", name } };
        return await SendAsync(HttpMethod.Post, $"uploads/{upload}/md5", form);
    }

    /// <summary>Opens an upload and delivers files into it, each under its own name.</summary>
    public async Task<string> DepositAsync(string name, string srs, params IEnumerable<string> files)
    {
        var upload = await OpenUploadAsync(name, srs);
        foreach (var file in files)
            Succeeded(await DeliverAsync(upload, Path.GetFileName(file), await File.ReadAllBytesAsync(file)));
        return upload;
    }

    /// <summary>Closes an upload and waits until its checks have ended.</summary>
    public async Task<Ending> CheckAsync(string upload)
    {
        Succeeded(await PostAsync($"uploads/{upload}/close"));
        return await ChecksEndedAsync(upload);
    }

    public async Task<Ending> ChecksEndedAsync(string upload)
    {
        var status = await UntilAsync(
            async () => (string)(await GetAsync($"uploads/{upload}"))["status"]!, status => status != "CHECKING", $"the checks of {upload}");
        var log = new List<string>();
        var checks = (await GetAsync($"uploads/{upload}/checks")).AsObject();
        foreach (var check in checks.SelectMany(state => state.Value!.AsArray()))
            log.AddRange((await GetAsync($"checks/executions/{(string)check!["_id"]!}/logs?limit=1000")).AsArray().Select(line => (string)line!));
        return new Ending(status, log);
    }

    /// <summary>Creates a build of a pyramid from a closed upload; it is not launched.</summary>
    public Task<Answer> OrderAsync(string upload, string name, JsonObject? parameters = null) => PostAsync("processings/executions", new JsonObject
    {
        ["processing"] = Interfaces.Processings.ProcessingCatalogue.All[0].Id.ToString(),
        ["inputs"] = new JsonObject { ["upload"] = new JsonArray(upload) },
        ["output"] = new JsonObject { ["stored_data"] = new JsonObject { ["name"] = name } },
        ["parameters"] = parameters ?? new JsonObject { ["tms"] = "PM", ["compression"] = "png" },
    });

    public async Task<string> LaunchAsync(string upload, string name, JsonObject? parameters = null)
    {
        var execution = (string)Succeeded(await OrderAsync(upload, name, parameters)).Body!["_id"]!;
        Succeeded(await PostAsync($"processings/executions/{execution}/launch"));
        return execution;
    }

    public async Task<Ending> BuildEndedAsync(string execution)
    {
        var status = await UntilAsync(
            async () => (string)(await GetAsync($"processings/executions/{execution}"))["status"]!,
            status => status is "SUCCESS" or "FAILURE" or "ABORTED", $"the build {execution}");
        return new Ending(status, [.. (await GetAsync($"processings/executions/{execution}/logs?limit=1000")).AsArray().Select(line => (string)line!)]);
    }

    /// <summary>Checks and builds an upload that must pass its checks.</summary>
    public async Task<Ending> BuildAsync(string upload, string name, JsonObject? parameters = null)
    {
        var ending = await CheckAsync(upload);
        if (ending.Status != "CLOSED")
            throw new InvalidOperationException($"The checks did not pass: {ending}");
        return await BuildEndedAsync(await LaunchAsync(upload, name, parameters));
    }

    /// <summary>Asks until the answer is the one waited for. An API that is away for a while is asked again.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isIt, string what)
    {
        var last = "nothing";
        for (var since = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(since) < Patience; await Task.Delay(100))
        {
            try
            {
                var answer = await ask();
                if (isIt(answer))
                    return answer;
                last = $"{answer}";
            }
            catch (Exception away) when (away is HttpRequestException or UnexpectedAnswerException)
            {
                last = away.Message;
            }
        }

        throw new TimeoutException($"Waiting for {what} for {Patience}; the last answer was {last}.");
    }

    public static Answer Succeeded(Answer answer) =>
        (int)answer.Status < 300 ? answer : throw new UnexpectedAnswerException($"{(int)answer.Status}: {answer.Body?.ToJsonString()}");

    public void Dispose() => _http.Dispose();
}

internal sealed class UnexpectedAnswerException(string message) : Exception(message);
