using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>
/// A state could not be written because its record was changed by another since it was read. When it leaves a grain's method, the
/// activation ends, so that the next call reads afresh.
/// </summary>
public class InconsistentStateException : OrleansException
{
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
        : base(errorMsg)
    {
        StoredEtag = storedEtag;
        CurrentEtag = currentEtag;
    }

    public InconsistentStateException(string message)
        : base(message)
    {
    }

    /// <summary>The version found in the store.</summary>
    public string? StoredEtag { get; }

    /// <summary>The version that the activation knew.</summary>
    public string? CurrentEtag { get; }
}
