using System.Collections.Concurrent;
using System.Reflection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Grid.Silo.Engine;

/// <summary>
/// Repeats calls that only read when the silo that had them goes away: the grain is found, or activated, elsewhere. Calls that change
/// something are not repeated, for they may have been carried out.
/// </summary>
internal sealed class ReadsAgain : IOutgoingGrainCallFilter
{
    private static readonly TimeSpan[] Pauses = [TimeSpan.Zero, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)];
    private static readonly ConcurrentDictionary<MethodInfo, bool> Reading = new();

    public Task Invoke(IOutgoingGrainCallContext context) =>
        context.InterfaceMethod is { } method && Reading.GetOrAdd(method, one => one.IsDefined(typeof(ReadOnlyAttribute)))
            ? RepeatAsync(context)
            : context.Invoke();

    private static async Task RepeatAsync(IOutgoingGrainCallContext context)
    {
        foreach (var pause in Pauses)
        {
            try
            {
                await context.Invoke();
                if (context.Response?.Exception is not { } failure || !IsGone(failure)) return;
            }
            catch (Exception failure) when (IsGone(failure))
            {
                // As the answer that was none.
            }

            await Task.Delay(pause);
        }

        await context.Invoke();
    }

    private static bool IsGone(Exception failure) => failure is OrleansMessageRejectionException or ConnectionFailedException or ClientNotAvailableException;
}
