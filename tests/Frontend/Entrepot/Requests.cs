using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Grid.Frontend.Tests.Entrepot;

/// <summary>What a producer's program does, in a line each.</summary>
internal static class Requests
{
    public static async Task<(HttpStatusCode Status, JsonNode? Body)> CallAsync(this HttpClient client, string method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path)
        {
            // Real clients name JSON on every call, with a body or without.
            Content = new StringContent(json ?? "", Encoding.UTF8, "application/json"),
        };
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public static async Task<JsonNode> ReadAsync(this HttpClient client, string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var (status, body) = await client.CallAsync("GET", path);
        Assert.Equal(expected, status);
        return body!;
    }

    /// <summary>Creates an upload and returns its path.</summary>
    public static async Task<string> CreateUploadAsync(this HttpClient client, string root, string name, string type = "RASTER")
    {
        var (status, body) = await client.CallAsync("POST", $"{root}/uploads", $$"""{"name":"{{name}}","description":"","type":"{{type}}","srs":"EPSG:2154"}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal("OPEN", (string?)body!["status"]);
        return $"{root}/uploads/{body["_id"]}";
    }

    public static async Task<(HttpStatusCode Status, JsonNode? Body)> PostFileAsync(this HttpClient client, string path, byte[] content, string fileName = "file.bin")
    {
        using var part = new ByteArrayContent(content);
        part.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "\"file\"", FileName = $"\"{fileName}\"" };
        using var form = new MultipartFormDataContent("----grid-test") { part };
        using var answer = await client.PostAsync(path, form);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    public static Task<(HttpStatusCode Status, JsonNode? Body)> DeliverAsync(this HttpClient client, string upload, string path, byte[] content) =>
        client.PostFileAsync($"{upload}/data?path={Uri.EscapeDataString(path)}", content);

    public static Task<(HttpStatusCode Status, JsonNode? Body)> DeliverMd5Async(this HttpClient client, string upload, string name, params (string Path, byte[] Content)[] files) =>
        client.PostFileAsync($"{upload}/md5", Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{Md5(file.Content)}  {file.Path}\n"))), name);

    public static string Md5(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));

    /// <summary>Closes an upload and waits until its checks have ended; returns its status.</summary>
    public static async Task<string> CloseAsync(this HttpClient client, string upload)
    {
        var (status, body) = await client.CallAsync("POST", $"{upload}/close");
        Assert.True(status == HttpStatusCode.OK, $"{status} {body}");
        return await client.WhenCheckedAsync(upload);
    }

    /// <summary>Polls as clients do until the upload has left CHECKING.</summary>
    public static async Task<string> WhenCheckedAsync(this HttpClient client, string upload)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((string)(await client.ReadAsync(upload))["status"]! is var status)
        {
            if (status != "CHECKING")
                return status;
            await Task.Delay(20, limit.Token);
        }

        return "";
    }

    /// <summary>The log lines of all the checks of an upload that ended so.</summary>
    public static async Task<string> CheckLogsAsync(this HttpClient client, string upload, string outcome)
    {
        var logs = new StringBuilder();
        foreach (var check in (await client.ReadAsync($"{upload}/checks"))[outcome]!.AsArray())
        {
            var datastore = upload[..upload.IndexOf("/uploads", StringComparison.Ordinal)];
            foreach (var line in (await client.ReadAsync($"{datastore}/checks/executions/{check!["_id"]}/logs")).AsArray())
                logs.AppendLine((string)line!);
        }

        return logs.ToString();
    }

    public static string Sentences(this JsonNode? error) => string.Join('\n', error!["error_description"]!.AsArray().Select(sentence => (string)sentence!));
}
