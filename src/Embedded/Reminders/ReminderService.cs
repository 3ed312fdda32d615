using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;

namespace Grid.Embedded.Reminders;

/// <summary>Ticks the reminders of all grains: each has one armed timer, and a tick is an ordinary call that activates the grain.</summary>
internal sealed class ReminderService(EmbeddedGrains runtime)
{
    private readonly ConcurrentDictionary<(string Type, string Key, string Name), Reminder> _reminders = new();
    private readonly IReminderStore _store = runtime.Services.GetRequiredService<IReminderStore>();

    /// <summary>Arms what is stored. Reminders of classes that no longer exist stay stored and do not tick.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var stored in await _store.ReadAllAsync(cancellationToken)) Arm(stored);
    }

    public void Stop()
    {
        foreach (var reminder in _reminders.Values) reminder.Dispose();
        _reminders.Clear();
    }

    public async Task<IGrainReminder> RegisterAsync(GrainId grain, string name, TimeSpan dueTime, TimeSpan period)
    {
        if (period < runtime.Options.MinimumReminderPeriod)
            throw new ArgumentException($"Reminder {name} of {grain} has period {period}; the shortest is {runtime.Options.MinimumReminderPeriod}.", nameof(period));
        ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, TimeSpan.Zero);
        var stored = new StoredReminder(grain.Type.Value, grain.Key.Value, name, runtime.Time.GetUtcNow() + dueTime, period);
        await _store.WriteAsync(stored, default);
        return Arm(stored);
    }

    public async Task UnregisterAsync(IGrainReminder reminder)
    {
        var stored = ((Reminder)reminder).Stored;
        await _store.RemoveAsync(stored.GrainType, stored.GrainKey, stored.Name, default);
        if (_reminders.TryRemove((stored.GrainType, stored.GrainKey, stored.Name), out var armed)) armed.Dispose();
    }

    public Task<IGrainReminder?> GetAsync(GrainId grain, string name) =>
        Task.FromResult<IGrainReminder?>(_reminders.GetValueOrDefault((grain.Type.Value, grain.Key.Value, name)));

    public Task<List<IGrainReminder>> GetAllAsync(GrainId grain) => Task.FromResult<List<IGrainReminder>>(
        [.. _reminders.Where(entry => entry.Key.Type == grain.Type.Value && entry.Key.Key == grain.Key.Value).Select(entry => entry.Value)]);

    private Reminder Arm(StoredReminder stored)
    {
        var reminder = new Reminder(runtime, stored);
        _reminders.AddOrUpdate((stored.GrainType, stored.GrainKey, stored.Name), reminder, (_, old) =>
        {
            old.Dispose();
            return reminder;
        });
        reminder.ArmNext();
        return reminder;
    }

    private sealed class Reminder : IGrainReminder, IDisposable
    {
        /// <summary>The longest span that timers take is under 50 days.</summary>
        private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

        private readonly EmbeddedGrains _runtime;
        private readonly IRemindable? _grain;
        private readonly ITimer _timer;
        private DateTimeOffset _next;

        public Reminder(EmbeddedGrains runtime, StoredReminder stored)
        {
            (_runtime, Stored) = (runtime, stored);
            if (runtime.FindClass(stored.GrainType) is { } grainClass && grainClass.Implementation.IsAssignableTo(typeof(IRemindable)))
                _grain = runtime.CreateReference<IRemindable>(grainClass, stored.GrainKey);
            using (ExecutionContext.SuppressFlow())
                _timer = runtime.Time.CreateTimer(static state => ((Reminder)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public StoredReminder Stored { get; }

        public string ReminderName => Stored.Name;

        public void Dispose() => _timer.Dispose();

        /// <summary>Waits for the next whole period: ticks that fell into a time when the grid was down are not made up for.</summary>
        public void ArmNext()
        {
            var now = _runtime.Time.GetUtcNow();
            var missed = now <= Stored.Start ? 0 : (now - Stored.Start).Ticks / Stored.Period.Ticks + 1;
            _next = Stored.Start + Stored.Period * missed;
            Wait(now);
        }

        private void Wait(DateTimeOffset now)
        {
            var wait = _next - now;
            _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
        }

        private void Tick()
        {
            var now = _runtime.Time.GetUtcNow();
            if (now < _next)
            {
                Wait(now);
                return;
            }
            if (_grain is not null) _ = TickAsync(_grain, now);
            _next += Stored.Period;
            if (_next <= now) ArmNext();
            else Wait(now);
        }

        private async Task TickAsync(IRemindable grain, DateTimeOffset now)
        {
            try
            {
                await grain.ReceiveReminder(Stored.Name, new(Stored.Start.UtcDateTime, Stored.Period, now.UtcDateTime));
            }
            catch (Exception exception)
            {
                _runtime.Log.ReminderFailed(Stored.Name, $"{Stored.GrainType}/{Stored.GrainKey}", exception);
            }
        }
    }
}
