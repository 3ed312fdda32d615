using Grid.Storage;
using Microsoft.Extensions.Logging;

namespace Grid.Grains.Pyramids;

/// <summary>
/// What regions have handed over and no other reads any more: deleted a thousand at a time while the build goes on, for those of a large lot together would
/// keep its end waiting. What is left at the end, or was left by a process that was lost, is deleted then by who closes the build. For one grain.
/// </summary>
internal sealed class SpentHandovers(IObjectStore pyramids, ILogger log)
{
    private const int Step = 1000;

    private readonly List<string> _keys = [];

    /// <summary>What is being deleted; it never fails.</summary>
    public Task Deleting { get; private set; } = Task.CompletedTask;

    /// <summary>Adds objects that are to be deleted, whether they are there or not.</summary>
    public void Add(IEnumerable<string> keys)
    {
        _keys.AddRange(keys);
        if (_keys.Count < Step || !Deleting.IsCompleted)
            return;
        Deleting = DeleteAsync([.. _keys]);
        _keys.Clear();
    }

    private async Task DeleteAsync(List<string> keys)
    {
        try
        {
            await pyramids.DeleteAsync(keys);
        }
        catch (StorageException error)
        {
            log.LogInformation("{Objects} objects that a build needs no more are deleted later: {Reason}", keys.Count, error.Message);
        }
    }
}
