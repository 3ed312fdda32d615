using Grid.Grains.Pyramids;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Grid.Grains.Builds;

/// <summary>
/// One unit of a build: takes one of the silo's places, which all builds share, computes off the scheduler, and reports its end. It has no state of its own:
/// what is done is seen in the store, and a unit that was lost is done again, to the same bytes. Its work is no call, so that a silo that is being stopped
/// waits for what computes and for nothing else.
/// </summary>
/// <typeparam name="TOrder">What the unit is told.</typeparam>
/// <typeparam name="TReport">What it tells its build.</typeparam>
public abstract class UnitGrain<TOrder, TReport>(
    RegionSlots slots, PyramidBuildOptions options, IRegionSilos silos, TimeProvider time, ILogger log) : Grain
    where TOrder : class
{
    private const ConfigureAwaitOptions Settled = ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext;

    private readonly CancellationTokenSource _stopping = new();
    private TOrder? _order;
    private Task _work = Task.CompletedTask;
    private bool _computes;

    // Repeated while a build hears nothing: work that goes on goes on.
    public Task StartAsync(TOrder order)
    {
        if (_work.IsCompleted && !_stopping.IsCancellationRequested)
        {
            DelayDeactivation(Timeout.InfiniteTimeSpan);
            _order = order;
            _work = WorkAsync(order);
        }

        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        _stopping.Cancel();
        await _work.ConfigureAwait(Settled);
        DeactivateOnIdle();
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var leaves = reason.ReasonCode == DeactivationReasonCode.ShuttingDown && silos.Others > 0;
        // A silo that is asked to stop has time for the units that it computes; those that wait for a place begin elsewhere.
        if (leaves && _computes)
            await _work.WaitAsync(cancellationToken).ConfigureAwait(Settled);
        var isInHand = !_work.IsCompleted;
        _stopping.Cancel();
        await _work.ConfigureAwait(Settled);
        if (isInHand && leaves)
            await TellAsync(LeaveReport(_order!));
    }

    /// <summary>Does the unit, off the scheduler, unless it is done already.</summary>
    protected abstract Task<TReport> ComputeAsync(TOrder order, int threads, CancellationToken cancellation);

    /// <summary>Whether trying again would fail in the same way: a file is as damaged the next time.</summary>
    protected abstract bool IsFinal(Exception error);

    /// <summary>The report of a unit that cannot be done.</summary>
    protected abstract TReport FailureReport(TOrder order, string reason);

    /// <summary>The report of a unit that is to be started again on another silo.</summary>
    protected abstract TReport LeaveReport(TOrder order);

    /// <summary>An attempt has failed; another may follow.</summary>
    protected virtual void OnFailedAttempt()
    {
    }

    /// <summary>Sends a report to the build.</summary>
    protected abstract Task ReportAsync(TOrder order, TReport report);

    private async Task WorkAsync(TOrder order)
    {
        try
        {
            await TellAsync(await ResultAsync(order));
            DeactivateOnIdle();
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // Whoever stopped it waits for this end.
        }
    }

    private async Task<TReport> ResultAsync(TOrder order)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AttemptAsync(order);
            }
            catch (Exception error) when (!_stopping.IsCancellationRequested)
            {
                OnFailedAttempt();
                log.LogWarning(error, "Unit {Unit}, attempt {Attempt} of {Attempts}", this.GetPrimaryKeyString(), attempt, options.Attempts);
                if (IsFinal(error) || attempt >= options.Attempts)
                    return FailureReport(order, error.Message);
            }

            // The place is free meanwhile.
            await Task.Delay(TimeSpan.FromSeconds(attempt), time, _stopping.Token);
        }
    }

    private async Task<TReport> AttemptAsync(TOrder order)
    {
        await slots.TakeAsync(_stopping.Token);
        _computes = true;
        try
        {
            return await Task.Run(() => ComputeAsync(order, slots.ThreadsPerRegion, _stopping.Token), _stopping.Token);
        }
        finally
        {
            _computes = false;
            slots.Release();
        }
    }

    // A report that is lost is asked for again by the build, which starts the unit anew.
    private async Task TellAsync(TReport report)
    {
        try
        {
            await ReportAsync(_order!, report);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            log.LogInformation("Unit {Unit} could not report: {Reason}", this.GetPrimaryKeyString(), error.Message);
        }
    }
}
