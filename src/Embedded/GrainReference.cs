using Grid.Embedded.Calls;
using Orleans.Runtime;

namespace Grid.Embedded;

/// <summary>
/// Base of the emitted references: identity, and the ways a call leaves. A reference remembers where its last call went, so that the
/// directory is asked once.
/// </summary>
internal abstract class GrainReference : IAddressable, IEquatable<GrainReference>
{
    private GrainMethod[] _methods = [];
    private string _key = "";
    private IGrainHost? _host;

    public EmbeddedGrains Runtime { get; private set; } = null!;

    public GrainClass Class { get; private set; } = null!;

    public GrainId GrainId => new(Class.Type, new(_key));

    public void Bind(EmbeddedGrains runtime, GrainClass grainClass, string key, GrainMethod[] methods) =>
        (Runtime, Class, _key, _methods) = (runtime, grainClass, key, methods);

    public TGrainInterface Cast<TGrainInterface>() =>
        this is TGrainInterface same ? same : Runtime.CreateReference<TGrainInterface>(Class, _key);

    public Task SendForTask(GrainCall<Nothing> call, int method)
    {
        var answer = Send(call, method);
        return answer.IsCompletedSuccessfully ? Task.CompletedTask : answer.AsTask();
    }

    public Task<T> SendForTaskOf<T>(GrainCall<T> call, int method) => Send(call, method).AsTask();

    public ValueTask SendForValueTask(GrainCall<Nothing> call, int method)
    {
        var answer = Send(call, method);
        return answer.IsCompletedSuccessfully ? default : new(answer.AsTask());
    }

    public ValueTask<T> SendForValueTaskOf<T>(GrainCall<T> call, int method) => Send(call, method);

    /// <summary>Sends a call past the outgoing filters.</summary>
    public ValueTask<T> Dispatch<T>(GrainCall<T> call)
    {
        var host = _host ??= Runtime.Find(Class, _key);
        if (call.Method.MayRunOnCaller && host is Activation activation && activation.TryRunOnCaller(call)) return call.TakeResult();

        var answer = call.Await(Runtime);
        Deliver(call);
        return call.Method.OneWay ? default : new(answer);
    }

    /// <summary>Hands a call to the activation of the moment, a new one when the last has ended.</summary>
    public void Deliver(GrainCall call)
    {
        try
        {
            var host = _host ??= Runtime.Find(Class, _key);
            while (!host.TryAccept(call)) _host = host = Runtime.Replace(host, Class, _key);
        }
        catch (SiloUnavailableException exception)
        {
            call.Fail(exception);
        }
    }

    public bool Equals(GrainReference? other) => other is not null && other.Class == Class && other._key == _key;

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => HashCode.Combine(Class, _key);

    public override string ToString() => GrainId.ToString();

    private ValueTask<T> Send<T>(GrainCall<T> call, int method)
    {
        call.Method = _methods[method];
        call.Target = this;
        if (call.Token.IsCancellationRequested) return ValueTask.FromCanceled<T>(call.Token);
        if (Runtime.IsStopped) return ValueTask.FromException<T>(EmbeddedGrains.Stopped(this));
        return Runtime.OutgoingFilters.Length == 0 ? Dispatch(call) : OutgoingCall<T>.Run(this, call);
    }
}
