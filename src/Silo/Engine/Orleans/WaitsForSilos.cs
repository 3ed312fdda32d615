using Microsoft.Extensions.Logging;
using Orleans;

namespace Grid.Silo.Engine;

/// <summary>A frontend that is started before the first silo waits for it.</summary>
internal sealed partial class WaitsForSilos(ILogger<WaitsForSilos> log) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        LogWaiting(log, exception.Message);
        await Task.Delay(Pause, cancellationToken);
        return true;
    }

    [LoggerMessage(1, LogLevel.Information, "Waiting for a silo of the cluster: {Reason}")]
    private static partial void LogWaiting(ILogger logger, string reason);
}
