using System.Collections.Concurrent;

namespace Grid.Engine.Tests;

/// <summary>What grains under test tell, and the gates at which they wait for the test. A service of the host, so grains find it.</summary>
public sealed class Witness
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private readonly ConcurrentDictionary<string, int> _counts = new();
    private readonly ConcurrentQueue<string> _events = new();

    public IReadOnlyList<string> Events => [.. _events];

    public void Tell(string what) => _events.Enqueue(what);

    public int Count(string what) => _counts.AddOrUpdate(what, 1, (_, count) => count + 1);

    public int CountOf(string what) => _counts.GetValueOrDefault(what);

    /// <summary>Waits until the gate is opened; open gates stay open.</summary>
    public Task PassAsync(string gate) => Gate(gate).Task;

    public void Open(string gate) => Gate(gate).TrySetResult();

    /// <summary>Waits, 30 s at most, for something to become true.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (var waited = 0; !condition(); waited++)
        {
            if (waited == 3000) throw new TimeoutException($"After 30 s this does not hold: {what}.");
            await Task.Delay(10);
        }
    }

    private TaskCompletionSource Gate(string gate) =>
        _gates.GetOrAdd(gate, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
