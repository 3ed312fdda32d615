using Grid.Embedded.Calls;

namespace Grid.Embedded;

/// <summary>What a key leads to: one activation, or a pool of them.</summary>
internal interface IGrainHost
{
    /// <summary>Takes a call over; false when the host has ended and a new one is to be found.</summary>
    bool TryAccept(GrainCall call);
}
