using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Grid.Cli.Api;

/// <summary>
/// The Entrepôt REST API as a producer calls it: bearer token got and renewed, JSON in and out, errors as sentences, transient failures of
/// reads retried. Thread-safe.
/// </summary>
public sealed class EntrepotClient : IDisposable
{
    private const string TokenPath = "auth/realms/geoplateforme/protocol/openid-connect/token";
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)];

    private readonly HttpClient _http;
    private readonly Credentials _credentials;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _tokenGate = new(1, 1);
    private string? _token;
    private DateTimeOffset _tokenEnd;

    /// <param name="server">Root of the server, for example <c>http://127.0.0.1:8080/</c>; the API lies under <c>api/</c>.</param>
    /// <param name="credentials">Who asks for tokens.</param>
    /// <param name="time">Clock of the token's validity.</param>
    public EntrepotClient(Uri server, Credentials credentials, TimeProvider? time = null)
    {
        Server = server.AbsoluteUri.EndsWith('/') ? server : new Uri(server.AbsoluteUri + "/");
        _credentials = credentials;
        _time = time ?? TimeProvider.System;
        // Bodies of many gigabytes are sent, for as long as that takes: only the wait for a connection is limited, and whoever calls may cancel.
        _http = new HttpClient(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15), PooledConnectionLifetime = TimeSpan.FromMinutes(10) })
        {
            BaseAddress = Server,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Root of the server, ending in a slash.</summary>
    public Uri Server { get; }

    /// <summary>Reads an entity.</summary>
    /// <param name="path">Path under the API's root, with its query.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<JsonObject> GetAsync(string path, CancellationToken cancellation) =>
        await ReadAsync(path, cancellation) as JsonObject ?? throw new DeliveryException($"GET {path} answered no JSON object");

    /// <summary>Reads a list; an empty body is an empty list.</summary>
    public async Task<JsonArray> ListAsync(string path, CancellationToken cancellation) => await ReadAsync(path, cancellation) as JsonArray ?? [];

    /// <summary>Creates or acts: POST with a JSON body, or none.</summary>
    /// <returns>The answer's entity, or an empty object for an answer without one.</returns>
    public async Task<JsonObject> PostAsync(string path, JsonNode? body, CancellationToken cancellation) =>
        await SendAsync(HttpMethod.Post, path, () => body is null ? null : JsonContent.Create(body), cancellation) as JsonObject ?? [];

    /// <summary>Replaces or synchronises: PUT with a JSON body, or none.</summary>
    public async Task<JsonObject> PutAsync(string path, JsonNode? body, CancellationToken cancellation) =>
        await SendAsync(HttpMethod.Put, path, () => body is null ? null : JsonContent.Create(body), cancellation) as JsonObject ?? [];

    /// <summary>Changes members of an entity.</summary>
    public async Task<JsonObject> PatchAsync(string path, JsonNode body, CancellationToken cancellation) =>
        await SendAsync(HttpMethod.Patch, path, () => JsonContent.Create(body), cancellation) as JsonObject ?? [];

    /// <summary>Removes an entity or a file.</summary>
    public async Task DeleteAsync(string path, CancellationToken cancellation) => await SendAsync(HttpMethod.Delete, path, () => null, cancellation);

    /// <summary>Sends a body of the caller's making. It is made anew for each attempt; one that fails for a transient reason is sent again.</summary>
    public async Task PostContentAsync(string path, Func<HttpContent> content, CancellationToken cancellation) =>
        await RetryAsync(() => SendAsync(HttpMethod.Post, path, content, cancellation), cancellation);

    /// <inheritdoc />
    public void Dispose()
    {
        _http.Dispose();
        _tokenGate.Dispose();
    }

    private Task<JsonNode?> ReadAsync(string path, CancellationToken cancellation) =>
        RetryAsync(() => SendAsync(HttpMethod.Get, path, () => null, cancellation), cancellation);

    private static async Task<JsonNode?> RetryAsync(Func<Task<JsonNode?>> request, CancellationToken cancellation)
    {
        foreach (var pause in Pauses)
        {
            try
            {
                return await request();
            }
            catch (Exception error) when (error is EntrepotException { IsTransient: true } or HttpRequestException)
            {
                await Task.Delay(pause, cancellation);
            }
        }

        return await request();
    }

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, Func<HttpContent?> content, CancellationToken cancellation)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var request = new HttpRequestMessage(method, "api/" + path) { Content = content() };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(cancellation));
            request.Headers.ExpectContinue = request.Content is MultipartFile ? true : null;
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.StatusCode == HttpStatusCode.Unauthorized && attempt == 0)
            {
                _token = null;
                continue;
            }

            var text = await response.Content.ReadAsStringAsync(cancellation);
            if (!response.IsSuccessStatusCode)
                throw new EntrepotException(method, path, response.StatusCode, Descriptions(text));
            return string.IsNullOrWhiteSpace(text) ? null : JsonNode.Parse(text);
        }
    }

    /// <summary>A bearer token that is valid now.</summary>
    public async Task<string> TokenAsync(CancellationToken cancellation)
    {
        await _tokenGate.WaitAsync(cancellation);
        try
        {
            if (_token is not null && _time.GetUtcNow() < _tokenEnd)
                return _token;
            var form = new Dictionary<string, string>();
            if (_credentials is { Login: not null, Password: not null })
            {
                form["grant_type"] = "password";
                form["username"] = _credentials.Login;
                form["password"] = _credentials.Password;
            }
            else
            {
                form["grant_type"] = "client_credentials";
            }

            if (_credentials.ClientId is not null)
                form["client_id"] = _credentials.ClientId;
            if (_credentials.ClientSecret is not null)
                form["client_secret"] = _credentials.ClientSecret;
            using var response = await _http.PostAsync(TokenPath, new FormUrlEncodedContent(form), cancellation);
            var text = await response.Content.ReadAsStringAsync(cancellation);
            if (!response.IsSuccessStatusCode)
                throw new EntrepotException(HttpMethod.Post, TokenPath, response.StatusCode, Descriptions(text));
            var answer = JsonNode.Parse(text)!;
            _token = (string)answer["access_token"]!;
            // A tenth of the validity is left unused, so that no request begins with a token about to end.
            _tokenEnd = _time.GetUtcNow().AddSeconds((double)answer["expires_in"]! * 0.9);
            return _token;
        }
        finally
        {
            _tokenGate.Release();
        }
    }

    private static IReadOnlyList<string> Descriptions(string text)
    {
        try
        {
            return JsonNode.Parse(text)?["error_description"] switch
            {
                JsonArray sentences => [.. sentences.Select(sentence => sentence?.ToString() ?? "")],
                JsonValue sentence => [sentence.ToString()],
                _ => text.Length == 0 ? [] : [Start(text)],
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return text.Length == 0 ? [] : [Start(text)];
        }
    }

    private static string Start(string text) => text.Length > 300 ? text[..300] + "…" : text;
}
