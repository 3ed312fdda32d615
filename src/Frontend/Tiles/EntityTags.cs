using Microsoft.Extensions.Primitives;

namespace Grid.Frontend.Tiles;

/// <summary>Conditional requests by entity tags (RFC 9110 § 13.1.2).</summary>
public static class EntityTags
{
    /// <summary>
    /// Whether an <c>If-None-Match</c> header names the tag, compared weakly. Our tags hold no comma, so the list is split at each.
    /// </summary>
    /// <param name="any">Whether <c>*</c> counts: it names whatever exists.</param>
    public static bool Match(StringValues known, string etag, bool any)
    {
        foreach (var line in known)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var candidate = line.AsSpan()[range].Trim();
                if (candidate.StartsWith("W/"))
                    candidate = candidate[2..];
                if (candidate.SequenceEqual(etag) || (any && candidate.SequenceEqual("*")))
                    return true;
            }
        }

        return false;
    }
}
