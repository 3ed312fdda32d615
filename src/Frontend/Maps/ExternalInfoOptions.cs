namespace Grid.Frontend.Maps;

/// <summary>Which other servers may be asked what is at a place of a layer, and how. Bound from the section <c>Grid:FeatureInfo</c>.</summary>
public sealed class ExternalInfoOptions
{
    /// <summary>Addresses, each with all below it, that configurations may name as <c>getfeatureinfo.server_url</c>. None by default.</summary>
    public IReadOnlyList<string>? Servers { get; set; }

    /// <summary>Seconds that a server may take, 1 to 60. Default 10.</summary>
    public int TimeoutSeconds { get; set; } = 10;

    /// <summary>Bytes of an answer at most, 1,024 to 67,108,864; longer ones are not passed on. Default 1 MiB.</summary>
    public int MaxBytes { get; set; } = 1 << 20;

    /// <summary>Whether an address is one of <see cref="Servers"/> or below one.</summary>
    public bool Allows(string address) => AllowedAddresses.Have(Servers, address);

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless the options make sense.</summary>
    public void Validate()
    {
        AllowedAddresses.Validate("Grid:FeatureInfo:Servers", Servers);
        if (TimeoutSeconds is < 1 or > 60)
            throw new ArgumentException($"Grid:FeatureInfo:TimeoutSeconds is {TimeoutSeconds}: 1 to 60 are allowed.");
        if (MaxBytes is < 1024 or > 1 << 26)
            throw new ArgumentException($"Grid:FeatureInfo:MaxBytes is {MaxBytes}: 1024 to {1 << 26} are allowed.");
    }
}
