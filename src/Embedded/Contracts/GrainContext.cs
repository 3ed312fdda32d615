using Grid.Embedded;

namespace Orleans.Runtime;

/// <summary>One activation of one grain, as the runtime sees it.</summary>
public interface IGrainContext : IEquatable<IGrainContext>
{
    GrainId GrainId { get; }

    /// <summary>The grain object; null until its constructor has run.</summary>
    object? GrainInstance { get; }

    /// <summary>Services of the activation's own scope, disposed when it ends.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Completed when the activation has ended.</summary>
    Task Deactivated { get; }

    /// <summary>Ends the activation after the calls in hand; later calls wait for a new one.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}

/// <summary>The activation that the running code belongs to.</summary>
public static class RuntimeContext
{
    /// <summary>The activation whose turn this is; null outside grains.</summary>
    public static IGrainContext? Current => Activation.Current;
}
