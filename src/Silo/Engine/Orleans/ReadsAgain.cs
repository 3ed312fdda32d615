using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Grid.Silo.Engine;

/// <summary>
/// Repeats calls that only read when the silo that had them goes away: the grain is found, or activated, elsewhere, at the latest when the other silos
/// have noticed the loss. An answer that was lost with its silo is missed after the method's <see cref="ResponseTimeoutAttribute"/>. Calls that change
/// something are not repeated, for they may have been carried out.
/// </summary>
internal sealed class ReadsAgain(EngineOptions options) : IOutgoingGrainCallFilter
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private static readonly ConcurrentDictionary<MethodInfo, Reading> Methods = new();

    private enum Reading
    {
        No,
        Slow,
        Quick,
    }

    // A silo is missed after this, and what it had is found elsewhere a moment later.
    private readonly TimeSpan _patience = TimeSpan.FromSeconds(options.DeadAfterSeconds + 15);

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        var reading = context.InterfaceMethod is { } method ? Methods.GetOrAdd(method, Of) : Reading.No;
        return reading == Reading.No ? context.Invoke() : RepeatAsync(context, reading == Reading.Quick);
    }

    private static Reading Of(MethodInfo method) =>
        !method.IsDefined(typeof(ReadOnlyAttribute)) ? Reading.No
        : method.IsDefined(typeof(ResponseTimeoutAttribute)) ? Reading.Quick
        : Reading.Slow;

    private async Task RepeatAsync(IOutgoingGrainCallContext context, bool isQuick)
    {
        var began = Stopwatch.GetTimestamp();
        for (var pause = FirstPause; Stopwatch.GetElapsedTime(began) < _patience; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await context.Invoke();
                if (context.Response?.Exception is not { } failure || !IsGone(failure, isQuick)) return;
            }
            catch (Exception failure) when (IsGone(failure, isQuick))
            {
                // As the answer that was none.
            }

            await Task.Delay(pause);
        }

        await context.Invoke();
    }

    private static bool IsGone(Exception failure, bool isQuick) =>
        failure is OrleansMessageRejectionException or ConnectionFailedException or ClientNotAvailableException || (isQuick && failure is TimeoutException);
}
