using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Grid.Embedded;

/// <summary>What the engine logs.</summary>
internal sealed partial class EmbeddedGrainLog(ILogger<EmbeddedGrains> logger)
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Activation of {Grain} failed")]
    public partial void ActivationFailed(GrainId grain, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deactivation of {Grain} failed; it has ended all the same")]
    public partial void DeactivationFailed(GrainId grain, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "A timer of {Grain} failed; it goes on")]
    public partial void TimerFailed(GrainId grain, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Reminder {Name} of {Grain} failed; it goes on")]
    public partial void ReminderFailed(string name, string grain, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "One-way call {Call} failed")]
    public partial void OneWayCallFailed(string call, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} activations had not ended after {Timeout} and were left")]
    public partial void StopTimedOut(int count, TimeSpan timeout);
}
