using System.Buffers;
using System.Text;

namespace Grid.Frontend.Tiles.Transport;

/// <summary>
/// The head of a plain request: GET or HEAD of an absolute path by HTTP/1.1, without a body, a condition beyond one known entity tag, or a wish that concerns
/// the connection.
/// Only a head that is beyond doubt is read (RFC 9112 § 2-5); everything else, errors included, is for a whole HTTP server.
/// </summary>
internal readonly ref struct RequestHead
{
    private static readonly SearchValues<byte> s_token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> s_host = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_:[]"u8);

    // Of a value: visible characters, blanks and tabs.
    private static readonly SearchValues<byte> s_text = SearchValues.Create(
        [(byte)'\t', .. Enumerable.Range(' ', '~' - ' ' + 1).Select(character => (byte)character)]);

    // Of a target in origin form; a number sign belongs into none.
    private static readonly SearchValues<byte> s_target = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Where(character => character != '#').Select(character => (byte)character)]);

    private RequestHead(bool isHead, ReadOnlySpan<byte> target, ReadOnlySpan<byte> path, ReadOnlySpan<byte> query, ReadOnlySpan<byte> knownTag, int length)
    {
        IsHead = isHead;
        Target = target;
        Path = path;
        Query = query;
        KnownTag = knownTag;
        Length = length;
    }

    public bool IsHead { get; }

    /// <summary>Path and query as they were sent.</summary>
    public ReadOnlySpan<byte> Target { get; }

    /// <summary>The path, which holds no escapes.</summary>
    public ReadOnlySpan<byte> Path { get; }

    /// <summary>The query without its question mark; it may hold escapes.</summary>
    public ReadOnlySpan<byte> Query { get; }

    /// <summary>The entity tag of <c>If-None-Match</c> with its quotes, without a mark of weakness; empty when there is none.</summary>
    public ReadOnlySpan<byte> KnownTag { get; }

    /// <summary>Bytes of the head, its last empty line included.</summary>
    public int Length { get; }

    public static bool TryRead(ReadOnlySpan<byte> received, out RequestHead head)
    {
        head = default;
        var isHead = received.StartsWith("HEAD /"u8);
        if (!isHead && !received.StartsWith("GET /"u8))
            return false;
        var target = received[(isHead ? 5 : 4)..];
        var end = target.IndexOfAnyExcept(s_target);
        if (end < 0 || !target[end..].StartsWith(" HTTP/1.1\r\n"u8))
            return false;
        var rest = target[(end + " HTTP/1.1\r\n".Length)..];
        target = target[..end];
        var hosts = 0;
        ReadOnlySpan<byte> knownTag = default;
        while (!rest.StartsWith("\r\n"u8))
        {
            var line = rest.IndexOfAnyExcept(s_text);
            if (line < 0 || !rest[line..].StartsWith("\r\n"u8) || !IsHarmless(rest[..line], ref hosts, ref knownTag))
                return false;
            rest = rest[(line + 2)..];
        }

        var mark = target.IndexOf((byte)'?');
        var path = mark < 0 ? target : target[..mark];
        // Escapes and dots in paths have rules of their own.
        if (hosts != 1 || path.Contains((byte)'%') || path.IndexOf("/."u8) >= 0)
            return false;
        head = new RequestHead(isHead, target, path, mark < 0 ? default : target[(mark + 1)..], knownTag, received.Length - rest.Length + 2);
        return true;
    }

    /// <summary>Whether a header leaves the answer what it is, or is one that is understood.</summary>
    private static bool IsHarmless(ReadOnlySpan<byte> line, ref int hosts, ref ReadOnlySpan<byte> knownTag)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[..colon].ContainsAnyExcept(s_token))
            return false;
        var name = line[..colon];
        var value = line[(colon + 1)..].Trim(" \t"u8);
        switch (name.Length)
        {
            case 4 when Is(name, "host"u8):
                hosts++;
                return !value.IsEmpty && !value.ContainsAnyExcept(s_host);
            case 10 when Is(name, "connection"u8):
                return Is(value, "keep-alive"u8);
            case 13 when Is(name, "if-none-match"u8):
                var first = knownTag.IsEmpty;
                knownTag = value.StartsWith("W/"u8) ? value[2..] : value;
                return first && knownTag is [(byte)'"', _, .., (byte)'"'] && !knownTag.Contains((byte)',');
            case 6 when Is(name, "expect"u8):
            case 7 when Is(name, "upgrade"u8):
            case 8 when Is(name, "if-match"u8):
            case 8 when Is(name, "if-range"u8):
            case 14 when Is(name, "content-length"u8):
            case 17 when Is(name, "transfer-encoding"u8):
            case 17 when Is(name, "if-modified-since"u8):
            case 19 when Is(name, "if-unmodified-since"u8):
                return false;
            default:
                return true;
        }
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower) => Ascii.EqualsIgnoreCase(text, lower);
}
