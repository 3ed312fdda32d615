using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Grid.Engine.Tests.Grains;

public sealed class TurnGrain(Witness witness) : Grain, ITurnGrain
{
    private int _sum;

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        witness.Count($"activated {Key}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        witness.Tell($"deactivated {Key}: {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public async Task AddAsync(int number)
    {
        var before = _sum;
        await Task.Yield();
        await Task.Delay(0);
        _sum = before + number;
    }

    public Task<int> SumAsync() => Task.FromResult(_sum);

    public async Task<bool> ComesBackAsync()
    {
        var scheduler = TaskScheduler.Current;
        await Task.Yield();
        var afterYield = TaskScheduler.Current == scheduler;
        await Task.Run(() => { });
        return scheduler != TaskScheduler.Default && afterYield && TaskScheduler.Current == scheduler;
    }

    public async Task WaitAsync(string gate)
    {
        witness.Tell($"waits {gate}");
        await witness.PassAsync(gate);
        witness.Tell($"passed {gate}");
    }

    public Task WaitReadingAsync(string gate) => WaitAsync(gate);

    public Task<string> PeekAsync() => Task.FromResult(Key);

    public ValueTask<int> PeekFastAsync(int number) => new(number + 1);

    public ValueTask<string> ReadAsync() => new(Key);

    public async Task FailAsync(string text)
    {
        await Task.Yield();
        throw new TestException(text, 42);
    }

    public ValueTask FailFastAsync(string text) => throw new TestException(text, 43);

    public async Task WaitForTokenAsync(string name, CancellationToken cancellationToken)
    {
        witness.Tell($"waits {name}");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            witness.Tell($"cancelled {name}");
            throw;
        }
    }

    public async Task WhisperAsync(string gate)
    {
        await witness.PassAsync(gate);
        witness.Tell($"whispered {gate}");
        throw new TestException("nobody hears", 0);
    }

    public Task<string?> ContextAsync(string key) => Task.FromResult(RequestContext.Get(key) as string);

    public Task<string> CallBackAsync(ITurnGrain other) => other.CallThroughAsync(Key);

    public async Task<string> CallThroughAsync(string other)
    {
        witness.Tell($"{Key} calls {other}");
        try
        {
            return await GrainFactory.GetGrain<ITurnGrain>(other).KeyAsync();
        }
        finally
        {
            witness.Tell($"{Key} has called {other}");
        }
    }

    public Task EndAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task<string> KeyAsync() => Task.FromResult(Key);
}

[Alias("grid.test.reentrant")]
public interface IReentrantGrain : IGrainWithStringKey
{
    [Alias("Wait")]
    Task WaitAsync(string gate);

    [Alias("Open")]
    Task OpenAsync(string gate);

    [Alias("Self")]
    Task<string> AskSelfAsync();

    [Alias("Key")]
    Task<string> KeyAsync();
}

[Reentrant]
public sealed class ReentrantGrain(Witness witness) : Grain, IReentrantGrain
{
    public Task WaitAsync(string gate) => witness.PassAsync(gate);

    public Task OpenAsync(string gate)
    {
        witness.Open(gate);
        return Task.CompletedTask;
    }

    public Task<string> AskSelfAsync() => this.AsReference<IReentrantGrain>().KeyAsync();

    public Task<string> KeyAsync() => Task.FromResult(this.GetPrimaryKeyString());
}
