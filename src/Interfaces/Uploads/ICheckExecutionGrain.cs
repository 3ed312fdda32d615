using Orleans;
using Orleans.Concurrency;

namespace Grid.Interfaces.Uploads;

/// <summary>
/// One run of one check on an upload, keyed by the check execution's id (UUID, lower case). It works in bounded steps and keeps how far it
/// came, so that a process that stops loses at most the step in hand.
/// </summary>
[Alias("grid.check-execution")]
public interface ICheckExecutionGrain : IGrainWithStringKey
{
    /// <summary>Starts the work, or goes on with it; returns at once. Nothing happens when it has ended.</summary>
    /// <remarks>May interleave: it only arms the timer.</remarks>
    [Alias("Start"), AlwaysInterleave]
    Task StartAsync();

    /// <summary>Stops after the block in hand and records FAILURE before it returns. Nothing happens when it has ended.</summary>
    /// <remarks>May interleave: it must reach a step that is running, which writes nothing once the token is cancelled.</remarks>
    [Alias("Cancel"), AlwaysInterleave]
    Task CancelAsync();

    /// <summary>Sets whom to tell of the end; throws <see cref="Catalogue.ConflictException"/> when it has ended.</summary>
    [Alias("SetCallback"), AlwaysInterleave]
    Task SetCallbackAsync(string? callbackJson);
}
