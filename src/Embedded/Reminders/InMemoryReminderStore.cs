namespace Grid.Embedded.Reminders;

/// <summary>Reminders that last as long as the object; for tests and throw-away grids.</summary>
public sealed class InMemoryReminderStore : IReminderStore
{
    private readonly Dictionary<(string, string, string), StoredReminder> _reminders = [];

    public Task<IReadOnlyList<StoredReminder>> ReadAllAsync(CancellationToken cancellationToken)
    {
        lock (_reminders) return Task.FromResult<IReadOnlyList<StoredReminder>>([.. _reminders.Values]);
    }

    public Task WriteAsync(StoredReminder reminder, CancellationToken cancellationToken)
    {
        lock (_reminders) _reminders[(reminder.GrainType, reminder.GrainKey, reminder.Name)] = reminder;
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string grainType, string grainKey, string name, CancellationToken cancellationToken)
    {
        lock (_reminders) _reminders.Remove((grainType, grainKey, name));
        return Task.CompletedTask;
    }
}
