using Orleans;
using Orleans.Concurrency;

namespace Grid.Engine.Tests.Grains;

[Alias("grid.test.worker")]
public interface IWorkerGrain : IGrainWithStringKey
{
    [Alias("Work")]
    Task WorkAsync(string gate);
}

[StatelessWorker(3)]
public sealed class WorkerGrain(Witness witness) : Grain, IWorkerGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        witness.Count($"worker {this.GetPrimaryKeyString()}");
        return Task.CompletedTask;
    }

    public async Task WorkAsync(string gate)
    {
        witness.Count($"began {gate}");
        await witness.PassAsync(gate);
        witness.Count($"done {gate}");
    }
}

[Alias("grid.test.stubborn")]
public interface IStubbornGrain : IGrainWithStringKey
{
    [Alias("Hello")]
    Task<string> HelloAsync();
}

/// <summary>Refuses to be activated until its gate <c>let</c> is opened.</summary>
public sealed class StubbornGrain(Witness witness) : Grain, IStubbornGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken) => witness.CountOf("let") > 0
        ? Task.CompletedTask
        : throw new TestException("not yet", 7);

    public Task<string> HelloAsync() => Task.FromResult("hello");
}
