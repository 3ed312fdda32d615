using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Grid.Embedded.Calls;

/// <summary>
/// A call on its way: arguments, where it goes, and who waits for it. Subclasses, one a method, are emitted by <see cref="ProxyBuilder"/>
/// and hold the arguments in fields <c>Arg0</c>, <c>Arg1</c>…
/// </summary>
internal abstract class GrainCall : IInvokable
{
    public GrainMethod Method { get; set; } = null!;

    /// <summary>The reference that was called; null for timers.</summary>
    public GrainReference? Target { get; set; }

    /// <summary>The activation that runs the call, once one does.</summary>
    public Activation? Activation { get; set; }

    private Task? _turn;

    /// <summary>Where the call is watched for its timeout; guarded by the list.</summary>
    public PendingCalls.Node Pending;

    /// <summary>The call's cancellation token among its arguments, if it has one.</summary>
    public virtual CancellationToken Token => default;

    /// <summary>Runs the method; only in a turn of <see cref="Activation"/> that has admitted the call.</summary>
    public abstract void Start();

    /// <summary>Gives the waiting caller an exception; no effect when it already has an answer.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>
    /// The call's first turn, not yet started. It is to be made where the call is made, for a task takes the async-locals of its maker.
    /// </summary>
    public Task Turn() => _turn ??= new(static call => ((GrainCall)call!).Start(), this, TaskCreationOptions.DenyChildAttach);

    public int GetArgumentCount() => Method.Info!.GetParameters().Length;

    public object? GetArgument(int index) => GetType().GetField($"Arg{index}", BindingFlags.Public | BindingFlags.Instance) is { } field
        ? field.GetValue(this)
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"{Method.Name} has {GetArgumentCount()} arguments.");

    public string GetMethodName() => Method.Name;

    public string GetInterfaceName() => GetInterfaceType().Name;

    public MethodInfo GetMethod() => Method.Info!;

    public Type GetInterfaceType() => Method.Info!.DeclaringType!;

    public override string ToString() => $"{Target?.GrainId.ToString() ?? Activation?.GrainId.ToString()}.{Method.Name}";
}

/// <inheritdoc/>
/// <typeparam name="T">The result; <see cref="Nothing"/> for none.</typeparam>
internal abstract class GrainCall<T> : GrainCall
{
    private TaskCompletionSource<T>? _answer;
    private CancellationTokenRegistration _cancellation;
    private T? _result;

    /// <summary>Calls the method on the grain object.</summary>
    public abstract ValueTask<T> Invoke(object grain);

    /// <summary>
    /// Prepares an answer that can be waited for and that arrives at the latest when the call times out or its token is cancelled.
    /// </summary>
    public Task<T> Await(EmbeddedGrains runtime)
    {
        _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Method.OneWay) return _answer.Task;
        runtime.PendingCalls.Add(this);
        if (Token is { CanBeCanceled: true } token)
            _cancellation = token.UnsafeRegister(static (call, token) => ((GrainCall<T>)call!).Fail(new OperationCanceledException(token)), this);
        return _answer.Task;
    }

    /// <summary>The answer of a call that was started without <see cref="Await"/>, on the caller's thread.</summary>
    public ValueTask<T> TakeResult() => _answer is null ? new(_result!) : new(_answer.Task);

    public override void Start()
    {
        var activation = Activation!;
        if (_answer is { Task.IsCompleted: true })
        {
            activation.Finished(this);
            return;
        }
        ValueTask<T> running;
        try
        {
            running = activation.Invoke(this);
        }
        catch (Exception exception)
        {
            running = ValueTask.FromException<T>(exception);
        }
        if (running.IsCompletedSuccessfully)
        {
            var result = running.Result;
            activation.Finished(this);
            Succeed(result);
            return;
        }
        if (_answer is null) Await(activation.Runtime);
        _ = FinishAsync(running, activation);
    }

    public override void Fail(Exception exception)
    {
        if (!_answer!.TrySetException(exception)) return;
        if (Method.OneWay) Target!.Runtime.Log.OneWayCallFailed(ToString(), _answer.Task.Exception!.InnerException!);
        Release();
    }

    private async Task FinishAsync(ValueTask<T> running, Activation activation)
    {
        try
        {
            var result = await running;
            activation.Finished(this);
            Succeed(result);
        }
        catch (Exception exception)
        {
            activation.Failed(exception);
            activation.Finished(this);
            Fail(exception);
        }
    }

    private void Succeed(T result)
    {
        if (_answer is null) _result = result;
        else if (_answer.TrySetResult(result)) Release();
    }

    private void Release()
    {
        Target?.Runtime.PendingCalls.Remove(this);
        _cancellation.Dispose();
    }
}
