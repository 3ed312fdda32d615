using System.Collections.Concurrent;
using Grid.Embedded.Calls;
using Grid.Embedded.Reminders;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace Grid.Embedded;

/// <summary>
/// The embedded engine: the directory of activations of one process, and what ticks in the background. Single-process for ever; several
/// machines are Orleans' business.
/// </summary>
public sealed class EmbeddedGrains : IGrainFactory, IHostedService, IAsyncDisposable
{
    private readonly GrainClasses _classes;
    private readonly ConcurrentDictionary<(GrainClass Class, string Key), IGrainHost> _directory = new();
    private readonly ITimer _timeouts;
    private readonly ITimer _collection;
    private int _stopping;

    internal EmbeddedGrains(IServiceProvider services, EmbeddedGrainOptions options, GrainClasses classes)
    {
        (Services, Options, _classes) = (services, options, classes);
        Time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        Log = new(services.GetRequiredService<ILogger<EmbeddedGrains>>());
        IncomingFilters = [.. services.GetServices<IIncomingGrainCallFilter>()];
        OutgoingFilters = [.. services.GetServices<IOutgoingGrainCallFilter>()];
        Reminders = new(this);
        PendingCalls = new(Time, options.ResponseTimeout);
        var step = TimeSpan.FromTicks(Math.Clamp(options.ResponseTimeout.Ticks / 4, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerSecond));
        _timeouts = Time.CreateTimer(_ => PendingCalls.FailOverdue(), null, step, step);
        _collection = Time.CreateTimer(_ => DeactivateIdle(), null, options.CollectionQuantum, options.CollectionQuantum);
    }

    /// <summary>True once the host has stopped: calls fail with <see cref="SiloUnavailableException"/>.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Activations by grain type, for operators.</summary>
    public IReadOnlyDictionary<string, int> CountActivations() =>
        Activations().GroupBy(activation => activation.Class.Type.Value).ToDictionary(group => group.Key, group => group.Count());

    internal IServiceProvider Services { get; }

    internal EmbeddedGrainOptions Options { get; }

    internal TimeProvider Time { get; }

    internal EmbeddedGrainLog Log { get; }

    internal PendingCalls PendingCalls { get; }

    internal ReminderService Reminders { get; }

    internal IIncomingGrainCallFilter[] IncomingFilters { get; }

    internal IOutgoingGrainCallFilter[] OutgoingFilters { get; }

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return CreateReference<TGrainInterface>(_classes.Implementing(typeof(TGrainInterface), grainClassNamePrefix), primaryKey);
    }

    /// <inheritdoc/>
    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(grainPrimaryKey);
        var grainClass = _classes.Implementing(grainInterfaceType, null);
        return (IGrain)(object)ProxyBuilder.Get(grainInterfaceType).Create(this, grainClass, grainPrimaryKey);
    }

    /// <summary>Arms the stored reminders. Grains can be called before.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => Reminders.StartAsync(cancellationToken);

    /// <summary>Deactivates all grains, as long as the option <see cref="EmbeddedGrainOptions.StopTimeout"/> and the token allow.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 1) return;
        Reminders.Stop();
        _collection.Dispose();
        using var deadline = new CancellationTokenSource(Options.StopTimeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // Grains call each other while they end, so new activations may come up in a round and go in the next.
            while (Activations() is { Length: > 0 } activations)
            {
                foreach (var activation in activations)
                    activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The host is stopping."));
                await Task.WhenAll(activations.Select(activation => activation.Deactivated)).WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Log.StopTimedOut(Activations().Length, Options.StopTimeout);
        }
        IsStopped = true;
        _timeouts.Dispose();
        PendingCalls.FailAll(call => new SiloUnavailableException($"{call} cannot be answered: its host has stopped."));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    internal static SiloUnavailableException Stopped(GrainReference reference) => new($"{reference.GrainId} cannot be called: its host has stopped.");

    internal TGrainInterface CreateReference<TGrainInterface>(GrainClass grainClass, string key)
    {
        if (!grainClass.Implementation.IsAssignableTo(typeof(TGrainInterface)))
            throw new InvalidCastException($"Grain {grainClass.Type}/{key} is a {grainClass.Implementation}, which is no {typeof(TGrainInterface)}.");
        return (TGrainInterface)(object)ProxyType<TGrainInterface>.Instance.Create(this, grainClass, key);
    }

    internal GrainClass? FindClass(string grainType) => _classes.Named(grainType);

    /// <summary>Where calls to a grain go; activated by the first call it accepts.</summary>
    internal IGrainHost Find(GrainClass grainClass, string key) =>
        _directory.TryGetValue((grainClass, key), out var host) ? host : _directory.GetOrAdd((grainClass, key), NewHost, this);

    /// <summary>As <see cref="Find"/>, when a host has turned out to have ended.</summary>
    internal IGrainHost Replace(IGrainHost ended, GrainClass grainClass, string key)
    {
        Forget(ended, grainClass, key);
        return Find(grainClass, key);
    }

    internal void Forget(IGrainHost host, GrainClass grainClass, string key) => _directory.TryRemove(new((grainClass, key), host));

    private static IGrainHost NewHost((GrainClass Class, string Key) grain, EmbeddedGrains runtime) => grain.Class.MaxLocalWorkers > 0
        ? new WorkerPool(runtime, grain.Class, grain.Key)
        : new Activation(runtime, grain.Class, grain.Key, null);

    private Activation[] Activations() =>
        [.. _directory.Values.SelectMany(host => host is WorkerPool pool ? pool.Workers() : [(Activation)host])];

    private void DeactivateIdle()
    {
        foreach (var activation in Activations()) activation.DeactivateIfIdle();
    }
}
