namespace Grid.Grains;

/// <summary>Names of the object stores, as keyed services of a silo.</summary>
public static class StoreNames
{
    /// <summary>Where producers' files are kept.</summary>
    public const string Uploads = "uploads";

    /// <summary>Where pyramids are kept.</summary>
    public const string Pyramids = "pyramids";
}
