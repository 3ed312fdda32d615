namespace Grid.Grains.Maps;

/// <summary>How a silo draws maps. Bound from the section <c>Grid:Maps</c>.</summary>
public sealed class MapOptions
{
    /// <summary>Maps drawn at once, while four times as many may be fetching their tiles; the default is one a core.</summary>
    public int AtOnce { get; set; } = Environment.ProcessorCount;

    /// <summary>Maps that may wait for their turn; one more is refused, so that those who wait are answered. Default 200.</summary>
    public int Waiting { get; set; } = 200;

    /// <summary>Bytes of decoded tiles kept for the next maps. Default 256 MiB.</summary>
    public long DecodedBytes { get; set; } = 256L << 20;

    /// <summary>Tiles that one layer of one map may need; a layer that would need more shows nothing. Default 4,096.</summary>
    public int TilesPerLayer { get; set; } = 4096;

    /// <summary>Bytes that the decoded tiles of all layers of one map may take; a map that needs more is refused. Default 512 MiB.</summary>
    public long TileBytesPerMap { get; set; } = 512L << 20;

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless the options make sense.</summary>
    public void Validate()
    {
        if (AtOnce is < 1 or > 1024)
            throw new ArgumentException($"Grid:Maps:AtOnce is {AtOnce}: 1 to 1024 are allowed.");
        if (Waiting is < 0 or > 100_000)
            throw new ArgumentException($"Grid:Maps:Waiting is {Waiting}: 0 to 100000 are allowed.");
        if (DecodedBytes < 0)
            throw new ArgumentException($"Grid:Maps:DecodedBytes is {DecodedBytes}: 0 or more are allowed.");
        if (TilesPerLayer is < 16 or > 65_536)
            throw new ArgumentException($"Grid:Maps:TilesPerLayer is {TilesPerLayer}: 16 to 65536 are allowed.");
        if (TileBytesPerMap < 1 << 20)
            throw new ArgumentException($"Grid:Maps:TileBytesPerMap is {TileBytesPerMap}: 1048576 or more are allowed.");
    }
}
