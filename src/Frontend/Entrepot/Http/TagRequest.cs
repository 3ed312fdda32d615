using System.Text.Json;
using Grid.Interfaces.Catalogue;

namespace Grid.Frontend.Entrepot.Http;

/// <summary>Requests on tags, the same for every entity that has them.</summary>
public static class TagRequest
{
    /// <summary>The tags of a <c>POST …/tags</c>: a flat object whose numbers and booleans become text. Values have no limit but the body's.</summary>
    /// <exception cref="InvalidInputException">Not a flat object.</exception>
    public static async Task<Dictionary<string, string>> ReadAsync(HttpRequest request)
    {
        var body = await RequestBody.ReadAsync(request);
        var tags = new Dictionary<string, string>();
        foreach (var (key, node) in body.Json)
        {
            if (node is null || node.GetValueKind() is JsonValueKind.Object or JsonValueKind.Array)
                body.Fault($"{key}: the value of a tag is a text.");
            else if (key.Length is 0 or > 255 || key.Contains('\0'))
                body.Fault("The key of a tag has 1 to 255 characters and no NUL.");
            else if (body.Text(key, int.MaxValue) is { } value)
                tags[key] = value;
        }

        body.ThrowIfInvalid();
        return tags;
    }

    /// <summary>The keys of a <c>DELETE …/tags?tags=…</c>, in any spelling of a list.</summary>
    public static IReadOnlyList<string> Keys(HttpRequest request) => request.Query.List("tags");
}
