using System.Collections.Concurrent;

namespace Grid.Imaging.Tests;

public class ComputeThreadsTests
{
    [Fact]
    public async Task Work_and_its_parallel_loops_run_on_threads_of_their_own_and_no_more_than_there_may_be()
    {
        var threads = new ComputeThreads(3);
        var seen = new ConcurrentDictionary<int, bool>();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => threads.RunAsync(
            () => Parallel.For(0, 50, new ParallelOptions { MaxDegreeOfParallelism = 4, TaskScheduler = ComputeThreads.OfThisThread }, _ =>
            {
                Assert.False(Thread.CurrentThread.IsThreadPoolThread);
                seen[Environment.CurrentManagedThreadId] = true;
                Thread.SpinWait(1000);
            }).IsCompleted, CancellationToken.None)));
        Assert.InRange(seen.Count, 1, 3);
        Assert.InRange(threads.Count, 1, 3);
    }

    [Fact]
    public async Task Loops_in_loops_end_on_a_single_thread()
    {
        var threads = new ComputeThreads(1);
        var options = new Func<ParallelOptions>(() => new ParallelOptions { TaskScheduler = ComputeThreads.OfThisThread });
        var counted = 0;
        await threads.RunAsync(
            () => Parallel.For(0, 8, options(), _ => Parallel.For(0, 8, options(), _ => Interlocked.Increment(ref counted))).IsCompleted, CancellationToken.None)
            .WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(64, counted);
    }

    [Fact]
    public async Task They_give_way_to_other_threads()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var threads = new ComputeThreads(1);
        var building = await threads.RunAsync(Niceness, CancellationToken.None);
        var answering = await Task.Run(Niceness);
        Assert.True(building > answering || answering == 19, $"{building} of a computing thread, {answering} of another");
    }

    // proc(5): the niceness is the 19th field of "stat"; the second, the name, may have spaces and parentheses in it.
    private static int Niceness()
    {
        var stat = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16], System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Work_may_wait_for_what_goes_on_elsewhere()
    {
        var threads = new ComputeThreads(1);
        var waited = threads.RunAsync(
            () =>
            {
                return ElsewhereAsync().GetAwaiter().GetResult();

                static async Task<int> ElsewhereAsync()
                {
                    await Task.Yield();
                    return 7;
                }
            },
            CancellationToken.None);
        Assert.Equal(7, await waited.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Failures_reach_the_caller_and_the_thread_goes_on()
    {
        var threads = new ComputeThreads(1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => threads.RunAsync<int>(() => throw new InvalidOperationException(), CancellationToken.None));
        Assert.Equal(7, await threads.RunAsync(() => 7, CancellationToken.None));
        Assert.Equal(1, threads.Count);
    }
}
