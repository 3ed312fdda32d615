namespace Grid.Storage;

/// <summary>The rule of keys, the same for every store, and their order.</summary>
public static class ObjectKey
{
    /// <summary>The longest key, in UTF-8 bytes: S3's own limit.</summary>
    public const int MaxBytes = 1024;

    /// <summary>Returns <paramref name="key"/> when it is one; throws <see cref="InvalidObjectKeyException"/> otherwise.</summary>
    public static string Checked(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return IsValid(key) ? key : throw new InvalidObjectKeyException(key);
    }

    /// <summary>Whether a text is a key.</summary>
    public static bool IsValid(string key) => key.Length > 0 && HasOnlyPlainSegments(key, lastMayBeEmpty: false);

    /// <summary>Returns <paramref name="prefix"/> when it can begin a key: empty, or a key whose last segment may be empty or cut short.</summary>
    public static string CheckedPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length > 0 && !HasOnlyPlainSegments(prefix, lastMayBeEmpty: true))
            throw new InvalidObjectKeyException(prefix);
        return prefix;
    }

    /// <summary>Compares keys by Unicode code point, which is the byte order of their UTF-8 forms and the order in which S3 lists.</summary>
    public static int Compare(string a, string b)
    {
        var common = Math.Min(a.Length, b.Length);
        for (var i = 0; i < common; i++)
        {
            if (a[i] == b[i])
                continue;
            // A surrogate stands for a code point above every other char, though U+E000 to U+FFFF are greater as UTF-16 units.
            var (x, y) = (char.IsSurrogate(a[i]), char.IsSurrogate(b[i]));
            return x == y ? a[i].CompareTo(b[i]) : x ? 1 : -1;
        }

        return a.Length.CompareTo(b.Length);
    }

    private static bool HasOnlyPlainSegments(string key, bool lastMayBeEmpty)
    {
        if (key.Contains('\\') || key.Contains('\0') || System.Text.Encoding.UTF8.GetByteCount(key) > MaxBytes)
            return false;
        foreach (var range in key.AsSpan().Split('/'))
        {
            var segment = key.AsSpan()[range];
            if (segment.Length == 0 && lastMayBeEmpty && range.End.GetOffset(key.Length) == key.Length && range.Start.GetOffset(key.Length) > 0)
                continue;
            if (segment is "" or "." or "..")
                return false;
        }

        return true;
    }
}
