using System.Diagnostics.CodeAnalysis;

namespace Grid.Imaging.Pyramids;

/// <summary>What makes the slabs of one region, one after the other. One caller at a time.</summary>
public interface IRegionWork : IDisposable
{
    /// <summary>Threads that make the slabs to come, at least 1; the bytes do not depend on it.</summary>
    int DegreeOfParallelism { get; set; }

    /// <summary>
    /// Makes the next slab; the caller disposes of it. Empty ones come too, with 0 tiles. A slab that cannot be made tells why
    /// (<see cref="BuiltSlab.Failure"/>). After a cancellation the region is begun anew.
    /// </summary>
    /// <returns>False when the region is done.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    bool TryBuildNext(CancellationToken cancellation, [NotNullWhen(true)] out BuiltSlab? slab);
}
