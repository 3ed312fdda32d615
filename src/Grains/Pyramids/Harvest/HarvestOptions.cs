namespace Grid.Grains.Pyramids.Harvest;

/// <summary>Which map services may be harvested, and how patiently.</summary>
public sealed class HarvestOptions
{
    /// <summary>Addresses that may be harvested, with all below them: <c>https://data.geopf.fr/wms-r</c>. Default: none.</summary>
    public List<string>? AllowedUrls { get; set; }

    /// <summary>How often a map is asked for, the first time included, before its absence fails the build. Default 5.</summary>
    public int Attempts { get; set; } = 5;

    /// <summary>Seconds that one answer may take. Default 60.</summary>
    public int TimeoutSeconds { get; set; } = 60;

    /// <summary>Most bytes of one answer. Default 64 MiB.</summary>
    public int MaxImageBytes { get; set; } = 64 << 20;

    /// <summary>Requests that one silo has under way, whatever the builds. Default 4.</summary>
    public int RequestsInFlight { get; set; } = 4;

    /// <summary>Throws when a value is out of range, naming it.</summary>
    public void Validate()
    {
        Check(Attempts, 1, 20, nameof(Attempts));
        Check(TimeoutSeconds, 1, 600, nameof(TimeoutSeconds));
        Check(MaxImageBytes, 1 << 10, 1 << 30, nameof(MaxImageBytes));
        Check(RequestsInFlight, 1, 256, nameof(RequestsInFlight));
        foreach (var url in AllowedUrls ?? [])
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var allowed) || allowed.Scheme is not ("http" or "https"))
                throw new ArgumentException($"Grid:Harvest:AllowedUrls has \"{url}\": it must be an http or https address.");
        }
    }

    /// <summary>Why an address may not be harvested; null when it may.</summary>
    public string? Refusal(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var asked) || asked.Scheme is not ("http" or "https") || asked.UserInfo != "" || asked.Fragment != "")
            return $"\"{url}\" is not an http or https address.";
        var known = AllowedUrls ?? [];
        var allowed = known.Select(one => new Uri(one)).Any(one =>
            one.Scheme == asked.Scheme && one.Host == asked.Host && one.Port == asked.Port
            && (asked.AbsolutePath == one.AbsolutePath || asked.AbsolutePath.StartsWith(one.AbsolutePath.TrimEnd('/') + "/", StringComparison.Ordinal)));
        return allowed ? null : $"\"{url}\" is not among the services that this installation harvests ({(known.Count == 0 ? "none is" : string.Join(", ", known))}): its administrator adds it to Grid:Harvest:AllowedUrls.";
    }

    private static void Check(int value, int least, int most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentException($"Grid:Harvest:{name} is {value}: it must be {least} to {most}.");
    }
}
