namespace Grid.Interfaces.Catalogue;

/// <summary>The rights of a community's member. Reading inside a datastore needs membership alone.</summary>
public static class Rights
{
    /// <summary>Manage the community and its members.</summary>
    public const string Community = "COMMUNITY";

    /// <summary>Create, fill, open, close and delete uploads.</summary>
    public const string Upload = "UPLOAD";

    /// <summary>Create and launch processing executions; change stored data.</summary>
    public const string Processing = "PROCESSING";

    /// <summary>Write configurations and offerings.</summary>
    public const string Broadcast = "BROADCAST";

    /// <summary>Write annexes.</summary>
    public const string Annex = "ANNEX";

    public static IReadOnlyList<string> All { get; } = [Community, Upload, Processing, Broadcast, Annex];
}
