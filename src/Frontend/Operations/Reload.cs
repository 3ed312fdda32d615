using System.Runtime.InteropServices;
using Grid.Frontend.Layers;
using Npgsql;

namespace Grid.Frontend.Operations;

/// <summary>
/// Reads the configuration again, on SIGHUP or at an administrator's word: log levels and offered services take effect, and the layers of
/// <c>Grid:Rok4</c> are read anew; no request is lost. SIGUSR1 ends the process as SIGTERM does, as ROK4's server has it.
/// </summary>
public sealed partial class Reload(
    IConfiguration configuration, PublishedLayers layers, NpgsqlDataSource database, IHostApplicationLifetime lifetime, ILogger<Reload> log) : IHostedService, IDisposable
{
    // POSIX numbers of Linux; .NET has no name for this one.
    private const PosixSignal UserSignal1 = (PosixSignal)10;

    private readonly List<PosixSignalRegistration> _signals = [];

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsLinux())
        {
            _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
            {
                signal.Cancel = true;
                _ = TryRunAsync();
            }));
            _signals.Add(PosixSignalRegistration.Create(UserSignal1, signal =>
            {
                signal.Cancel = true;
                lifetime.StopApplication();
            }));
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
    }

    /// <summary>Reads all again; in force in this process when it returns.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        (configuration as IConfigurationRoot)?.Reload();
        await layers.ReloadAsync(cancellation);
        LogReloaded(log, layers.Current.Layers.Count, layers.Maps.Layers.Count);
    }

    /// <summary>Has the other frontends of the grid read their layers again.</summary>
    public async Task TellOthersAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"notify {PublishedLayers.ReloadChannel}");
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task TryRunAsync()
    {
        try
        {
            await RunAsync(lifetime.ApplicationStopping);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            LogFailed(log, failure.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The configuration was read again: {Tiles} layers of tiles and {Maps} of maps are served")]
    private static partial void LogReloaded(ILogger log, int tiles, int maps);

    [LoggerMessage(Level = LogLevel.Error, Message = "The configuration cannot be read again, what was in force stays so: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);
}
