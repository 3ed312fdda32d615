namespace Grid.Grains.Catalogue;

/// <summary>One version of a stored pyramid.</summary>
/// <param name="Version">1 for the first build, growing.</param>
/// <param name="Execution">The processing execution that builds it.</param>
/// <param name="StoragePrefix">Key prefix of its objects, without a slash at the end; never used again.</param>
public sealed record PyramidVersion(int Version, Guid Execution, PyramidVersionStatus Status, string StoragePrefix, DateTimeOffset Since);

/// <summary>Where a version stands.</summary>
public enum PyramidVersionStatus
{
    /// <summary>An execution writes it.</summary>
    Building,

    /// <summary>The one that a publication takes.</summary>
    Current,

    /// <summary>Replaced; kept while a published layer shows it and for the grace time after.</summary>
    Former,

    /// <summary>Its objects are being deleted.</summary>
    Removing,

    /// <summary>Its objects are gone.</summary>
    Removed,
}
