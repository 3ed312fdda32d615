using System.Reflection;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Grid.Embedded.Calls;

/// <summary>A call passing through filters; made only when there are any.</summary>
internal abstract class CallContext<T>(GrainCall<T> call, object grain, Activation? source) : IGrainCallContext
{
    public IInvokable Request => call;

    public object Grain { get; } = grain;

    public GrainId? SourceId => source?.GrainId;

    public GrainId TargetId => call.Target!.GrainId;

    public string InterfaceName => call.GetInterfaceName();

    public string MethodName => call.Method.Name;

    public MethodInfo InterfaceMethod => call.Method.Info!;

    public object? Result { get; set; }

    protected GrainCall<T> Call => call;

    public abstract Task Invoke();

    protected T TypedResult => typeof(T) == typeof(Nothing) ? default! : (T)Result!;
}

/// <summary>A call passing the incoming filters, the class's own last, in a turn of its activation.</summary>
internal sealed class IncomingCall<T>(Activation activation, GrainCall<T> call)
    : CallContext<T>(call, activation.GrainInstance!, null), IIncomingGrainCallContext
{
    private int _next;

    public IGrainContext TargetContext => activation;

    public MethodInfo ImplementationMethod => activation.Class.ImplementationOf(InterfaceMethod);

    public static async ValueTask<T> Run(Activation activation, GrainCall<T> call)
    {
        var context = new IncomingCall<T>(activation, call);
        await context.Invoke();
        return context.TypedResult;
    }

    public override async Task Invoke()
    {
        var filters = activation.Runtime.IncomingFilters;
        var position = _next++;
        if (position < filters.Length) await filters[position].Invoke(this);
        else if (position == filters.Length && Grain is IIncomingGrainCallFilter own) await own.Invoke(this);
        else Result = await Call.Invoke(Grain);
    }
}

/// <summary>A call passing the outgoing filters, on the caller's side.</summary>
internal sealed class OutgoingCall<T>(GrainReference reference, GrainCall<T> call, Activation? source)
    : CallContext<T>(call, reference, source), IOutgoingGrainCallContext
{
    private int _next;

    public IGrainContext? SourceContext { get; } = source;

    public static async ValueTask<T> Run(GrainReference reference, GrainCall<T> call)
    {
        var context = new OutgoingCall<T>(reference, call, Activation.Current);
        await context.Invoke();
        return context.TypedResult;
    }

    public override async Task Invoke()
    {
        var filters = reference.Runtime.OutgoingFilters;
        var position = _next++;
        if (position < filters.Length) await filters[position].Invoke(this);
        else Result = await reference.Dispatch(Call);
    }
}
