using Grid.Embedded;
using Orleans.Runtime;

namespace Orleans;

/// <summary>A grain that need not derive from <see cref="Grain"/>.</summary>
public interface IGrainBase
{
    IGrainContext GrainContext { get; }

    Task OnActivateAsync(CancellationToken token) => Task.CompletedTask;

    Task OnDeactivateAsync(DeactivationReason reason, CancellationToken token) => Task.CompletedTask;
}

/// <summary>Base of grain classes. An instance is one activation; its code runs one turn at a time.</summary>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly Activation _activation;

    protected Grain() => _activation = Activation.Current
        ?? throw new InvalidOperationException($"{GetType().Name} was constructed outside the grain runtime; take a reference from IGrainFactory.");

    public IGrainContext GrainContext => _activation;

    /// <summary>The grain's identity, <c>type/key</c>.</summary>
    public string IdentityString => _activation.GrainId.ToString();

    protected IGrainFactory GrainFactory => _activation.Runtime;

    protected internal IServiceProvider ServiceProvider => _activation.ActivationServices;

    /// <summary>Called once before the first call, after states have been read. An exception reaches the callers, and no activation results.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called once after the last call. Not called when the process dies.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends this activation once the calls in hand are over.</summary>
    protected void DeactivateOnIdle() => GrainBaseExtensions.DeactivateOnIdle(this);

    /// <summary>Keeps the activation for at least so long from now, or for ever with <see cref="Timeout.InfiniteTimeSpan"/>; zero takes an earlier wish back.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => _activation.DelayDeactivation(timeSpan);
}
