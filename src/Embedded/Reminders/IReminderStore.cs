namespace Grid.Embedded.Reminders;

/// <summary>Keeps the reminders of grains across restarts.</summary>
public interface IReminderStore
{
    Task<IReadOnlyList<StoredReminder>> ReadAllAsync(CancellationToken cancellationToken);

    /// <summary>Adds the reminder, or replaces the one with the same grain type, key and name.</summary>
    Task WriteAsync(StoredReminder reminder, CancellationToken cancellationToken);

    /// <summary>Removes a reminder; no effect when it is not there.</summary>
    Task RemoveAsync(string grainType, string grainKey, string name, CancellationToken cancellationToken);
}

/// <summary>One reminder of one grain.</summary>
/// <param name="Start">First tick; later ones follow at whole periods from it.</param>
public sealed record StoredReminder(string GrainType, string GrainKey, string Name, DateTimeOffset Start, TimeSpan Period);
