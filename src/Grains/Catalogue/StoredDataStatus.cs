namespace Grid.Grains.Catalogue;

/// <summary>The states of stored data in the Entrepôt's words.</summary>
public static class StoredDataStatus
{
    /// <summary>Its execution exists and is not launched.</summary>
    public const string Created = "CREATED";

    public const string Generating = "GENERATING";

    public const string Generated = "GENERATED";

    /// <summary>An execution makes a new version; the current one stays usable.</summary>
    public const string Modifying = "MODIFYING";

    /// <summary>The last execution failed or was aborted.</summary>
    public const string Unstable = "UNSTABLE";

    public const string Deleted = "DELETED";
}
