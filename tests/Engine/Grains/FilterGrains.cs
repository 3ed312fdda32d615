using Orleans;

namespace Grid.Engine.Tests.Grains;

[Alias("grid.test.filtered")]
public interface IFilteredGrain : IGrainWithStringKey
{
    [Alias("Greet")]
    Task<string> GreetAsync(string name);
}

/// <summary>Is its own last filter.</summary>
public sealed class FilteredGrain(Witness witness) : Grain, IFilteredGrain, IIncomingGrainCallFilter
{
    public Task<string> GreetAsync(string name)
    {
        witness.Tell("method");
        return Task.FromResult($"hello {name}");
    }

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        witness.Tell("own before");
        await context.Invoke();
        witness.Tell("own after");
    }
}

/// <summary>Watches the calls of <see cref="IFilteredGrain"/> where they leave.</summary>
public sealed class LeavingFilter(Witness witness) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var ours = context.InterfaceMethod?.DeclaringType == typeof(IFilteredGrain);
        if (ours) witness.Tell($"leaving {context.MethodName}");
        await context.Invoke();
        if (ours) witness.Tell("back");
    }
}

/// <summary>Watches the calls of <see cref="IFilteredGrain"/> where they arrive, and changes their results.</summary>
public sealed class ArrivingFilter(Witness witness) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.InterfaceMethod?.DeclaringType != typeof(IFilteredGrain))
        {
            await context.Invoke();
            return;
        }
        witness.Tell($"arriving {context.MethodName} {context.Request.GetArgument(0)} at {context.ImplementationMethod.DeclaringType!.Name}");
        await context.Invoke();
        context.Result = $"{context.Result}!";
        witness.Tell("answered");
    }
}
