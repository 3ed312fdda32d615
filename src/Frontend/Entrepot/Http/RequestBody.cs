using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Grid.Interfaces.Catalogue;

namespace Grid.Frontend.Entrepot.Http;

/// <summary>
/// A JSON body read key by key. Faults gather, so that one answer names them all; call <see cref="ThrowIfInvalid"/> before acting.
/// Unknown keys are ignored and an empty body is an empty object, whatever its content type: clients send both.
/// </summary>
public sealed class RequestBody
{
    /// <summary>Largest body accepted, in bytes: tags and extents are the biggest that producers send.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private readonly List<string> _faults = [];

    private RequestBody(JsonObject json) => Json = json;

    /// <summary>The body itself.</summary>
    public JsonObject Json { get; }

    /// <summary>Reads the request's body as an object.</summary>
    /// <exception cref="InvalidInputException">Not JSON, not an object, or too large.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request) => await ReadNodeAsync(request) switch
    {
        null => new RequestBody([]),
        JsonObject json => new RequestBody(json),
        _ => throw new InvalidInputException("The body is not a JSON object."),
    };

    /// <summary>Reads the request's body as an array of strings; empty when there is no body.</summary>
    /// <exception cref="InvalidInputException">Not JSON, not an array of strings, or too large.</exception>
    public static async Task<IReadOnlyList<string>> ReadListAsync(HttpRequest request) => await ReadNodeAsync(request) switch
    {
        null => [],
        JsonArray array when array.All(item => item?.GetValueKind() == JsonValueKind.String) => [.. array.Select(item => (string)item!)],
        _ => throw new InvalidInputException("The body is not a JSON array of strings."),
    };

    public bool Has(string key) => Json.ContainsKey(key);

    /// <summary>Adds a fault of the caller's own.</summary>
    public void Fault(string sentence) => _faults.Add(sentence);

    /// <summary>A text that must be there and not be blank.</summary>
    public string RequiredText(string key, int maxLength = 1024)
    {
        if (Text(key, maxLength) is { } text && !string.IsNullOrWhiteSpace(text))
            return text;
        if (!_faults.Any(fault => fault.StartsWith($"{key}:", StringComparison.Ordinal)))
            Fault($"{key}: a text is required.");
        return "";
    }

    /// <summary>A text, or null when it is absent or null. Numbers and booleans are taken as their text.</summary>
    public string? Text(string key, int maxLength = 1024)
    {
        if (Json[key] is not { } node)
            return null;
        if (AsText(node) is not { } text)
        {
            Fault($"{key}: a text is expected.");
            return null;
        }

        if (text.Length > maxLength)
            Fault($"{key}: {text.Length} characters; at most {maxLength} are allowed.");
        else
            return text;
        return null;
    }

    /// <summary>One of a list of words that must be there.</summary>
    public string RequiredChoice(string key, IReadOnlyCollection<string> allowed)
    {
        var text = RequiredText(key);
        if (text.Length > 0 && !allowed.Contains(text))
            Fault($"{key}: \"{text}\" is not one of {string.Join(", ", allowed)}.");
        return text;
    }

    /// <summary>A boolean, leniently, or null when absent.</summary>
    public bool? Flag(string key)
    {
        if (Json[key] is not { } node)
            return null;
        var flag = AsText(node) is { } text ? LenientBoolean.Parse(text) : null;
        if (flag is null)
            Fault($"{key}: true or false is expected.");
        return flag;
    }

    /// <summary>An id that must be there.</summary>
    public Guid RequiredId(string key)
    {
        var text = RequiredText(key);
        if (Guid.TryParse(text, out var id))
            return id;
        if (text.Length > 0)
            Fault($"{key}: \"{text}\" is not a UUID.");
        return Guid.Empty;
    }

    /// <summary>An object, or null when absent.</summary>
    public JsonObject? Object(string key)
    {
        if (Json[key] is not { } node)
            return null;
        if (node is not JsonObject json)
            Fault($"{key}: an object is expected.");
        return node as JsonObject;
    }

    /// <summary>A list of texts, or null when absent. One text is taken as a list of one.</summary>
    public IReadOnlyList<string>? List(string key)
    {
        if (Json[key] is not { } node)
            return null;
        if (node is JsonArray array && array.Select(item => item is null ? null : AsText(item)).ToList() is var items && !items.Contains(null))
            return items!;
        if (AsText(node) is { } one)
            return [one];
        Fault($"{key}: a list of texts is expected.");
        return null;
    }

    /// <exception cref="InvalidInputException">There are faults.</exception>
    public void ThrowIfInvalid()
    {
        if (_faults.Count > 0)
            throw new InvalidInputException([.. _faults]);
    }

    private static string? AsText(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.String => (string)node!,
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => node.ToJsonString(),
        _ => null,
    };

    private static async Task<JsonNode?> ReadNodeAsync(HttpRequest request)
    {
        if (request.ContentLength is > MaxBytes)
            throw new InvalidInputException($"The body is {request.ContentLength} bytes; at most {MaxBytes} are allowed.");
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int read; (read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxBytes)
                throw new InvalidInputException($"The body is longer than {MaxBytes} bytes.");
        }

        var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        if (bytes.Trim(" \t\r\n"u8).IsEmpty)
            return null;
        try
        {
            CheckStorable(bytes);
            return JsonNode.Parse(bytes, documentOptions: new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false });
        }
        catch (JsonException wrong)
        {
            throw new InvalidInputException($"The body is not JSON: {wrong.Message}");
        }
    }

    // The reader takes texts and numbers that no database holds, and whose owner no error far below would tell.
    private static void CheckStorable(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            throw new InvalidInputException("The body is not UTF-8.");
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 64 });
        while (reader.Read())
        {
            var isStorable = reader.TokenType switch
            {
                JsonTokenType.String or JsonTokenType.PropertyName => !reader.ValueIsEscaped || IsText(ref reader),
                JsonTokenType.Number => reader.ValueSpan.Length <= 1000 && reader.GetDouble() is var number && double.IsFinite(number)
                    && (number != 0 || !reader.ValueSpan.ContainsAnyInRange((byte)'1', (byte)'9')),
                _ => true,
            };
            if (!isStorable)
            {
                throw new InvalidInputException(
                    $"The body has a text or a number that cannot be kept, at byte {reader.TokenStartIndex}: texts have neither NUL characters nor halves of surrogate pairs, and numbers fit in 64 bits.");
            }
        }
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            return !reader.GetString()!.Contains('\0');
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
