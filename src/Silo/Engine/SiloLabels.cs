namespace Grid.Silo.Engine;

/// <summary>What silos of a cluster tell each other of themselves: labels that operators give them, and Grid's own.</summary>
public static class SiloLabels
{
    /// <summary>The label that holds how many regions of pyramids the silo computes at once.</summary>
    public const string Places = "grid.regions";

    /// <summary>Reads <c>name=value,name=value</c>; none of null or an empty text.</summary>
    /// <exception cref="ArgumentException">It is written otherwise, has a name twice, or one of Grid's own.</exception>
    public static IReadOnlyDictionary<string, string> Read(string? text)
    {
        var labels = new Dictionary<string, string>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part.Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } name, var value])
                throw new ArgumentException($"Grid:Engine:Labels has \"{part}\": labels are written name=value,name=value.");
            if (name.StartsWith("grid.", StringComparison.Ordinal))
                throw new ArgumentException($"Grid:Engine:Labels has \"{name}\": names that begin with \"grid.\" are Grid's own.");
            if (!labels.TryAdd(name, value))
                throw new ArgumentException($"Grid:Engine:Labels has \"{name}\" twice.");
        }

        return labels;
    }
}
