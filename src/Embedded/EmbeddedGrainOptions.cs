using System.Text.Json;

namespace Grid.Embedded;

/// <summary>How the embedded engine behaves. The defaults are those of Orleans.</summary>
public sealed class EmbeddedGrainOptions
{
    /// <summary>How long a caller waits before it gets a <see cref="TimeoutException"/>; deadlocks between grains end so too. 30 s.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an activation stays without calls where its class does not say. 15 minutes; less frees memory sooner, and activates more often.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often idle activations are looked for. 1 minute.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>When the token given to OnActivateAsync is cancelled. 30 s.</summary>
    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long OnDeactivateAsync may take before the activation ends without it. 30 s.</summary>
    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stop of the host waits for all activations to end. 30 s.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The shortest period of a reminder; grain timers are for shorter ones. 10 s.</summary>
    public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How states become JSON.</summary>
    public JsonSerializerOptions StateJson { get; set; } = new(JsonSerializerDefaults.Web);
}
