using System.Globalization;
using System.Text.Json;

namespace Grid.Imaging.Styles;

/// <summary>Members of an object of a style file, each read with its bounds. A fault names the file, the key, the value and what is allowed.</summary>
internal readonly record struct StyleMembers(JsonElement Element, string File, string Path)
{
    public bool Has(string name) => Element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null;

    public StyleMembers? Object(string name) => Find(name) is not { } member ? null
        : member.ValueKind == JsonValueKind.Object ? new StyleMembers(member, File, PathOf(name))
        : throw Fault(name, member, "an object is expected");

    public IReadOnlyList<JsonElement>? Array(string name, int least, int most) => Find(name) is not { } member ? null
        : member.ValueKind != JsonValueKind.Array ? throw Fault(name, member, "an array is expected")
        : member.GetArrayLength() is var length && length >= least && length <= most ? [.. member.EnumerateArray()]
        : throw new InvalidStyleException($"{File}: {PathOf(name)} has {length} items: {least} to {most} are allowed.");

    public string? Text(string name, int most) => Find(name) is not { } member ? null
        : member.ValueKind != JsonValueKind.String ? throw Fault(name, member, "a text is expected")
        : member.GetString() is { } text && text.Length <= most && !text.Contains('\0') ? text
        : throw new InvalidStyleException($"{File}: {PathOf(name)} has {member.GetString()!.Length} characters: {most} are allowed, and no NUL.");

    public string Word(string name, string missing, params ReadOnlySpan<string> allowed)
    {
        var word = Text(name, 64) ?? missing;
        return allowed.Contains(word) ? word : throw Fault(name, Element.GetProperty(name), $"{string.Join(", ", allowed)} are allowed");
    }

    public bool Flag(string name, bool missing) => Find(name) is not { } member ? missing : member.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Fault(name, member, "true or false is expected"),
    };

    public double? Number(string name, double least, double most) => Find(name) is { } member ? Number(member, name, least, most) : null;

    public double Number(JsonElement member, string name, double least, double most) =>
        member.ValueKind == JsonValueKind.Number && member.TryGetDouble(out var number) && number >= least && number <= most
            ? number
            : throw Fault(name, member, string.Create(CultureInfo.InvariantCulture, $"numbers from {least} to {most} are allowed"));

    /// <summary>A whole number, also written with a point.</summary>
    public int? Whole(string name, int least, int most) => Find(name) is { } member ? Whole(member, name, least, most) : null;

    public int Whole(JsonElement member, string name, int least, int most) =>
        member.ValueKind == JsonValueKind.Number && member.TryGetDouble(out var number) && number >= least && number <= most && Math.Floor(number) == number
            ? (int)number
            : throw Fault(name, member, $"whole numbers from {least} to {most} are allowed");

    public InvalidStyleException Missing(string name) => new($"{File}: {PathOf(name)} is missing.");

    public InvalidStyleException Fault(string name, JsonElement member, string allowed)
    {
        var value = member.GetRawText();
        return new InvalidStyleException($"{File}: {PathOf(name)} is {(value.Length <= 60 ? value : value[..60] + "…")}: {allowed}.");
    }

    private JsonElement? Find(string name) => Has(name) ? Element.GetProperty(name) : null;

    private string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";
}
