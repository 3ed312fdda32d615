using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Grid.Embedded.State;

/// <summary>A state that is read before its grain is activated.</summary>
internal interface IReadAtActivation
{
    Task ReadAsync(CancellationToken cancellationToken);
}

/// <summary>Makes the states that grains' constructors ask for.</summary>
internal static class PersistentState
{
    /// <exception cref="InvalidOperationException">The parameter is not an <see cref="IPersistentState{TState}"/>.</exception>
    public static object Create(Activation activation, ParameterInfo parameter, string name)
    {
        if (!parameter.ParameterType.IsGenericType || parameter.ParameterType.GetGenericTypeDefinition() != typeof(IPersistentState<>))
            throw new InvalidOperationException($"Parameter {parameter.Name} of {activation.Class.Implementation} is marked as a persistent state but is a {parameter.ParameterType}.");
        var state = Activator.CreateInstance(
            typeof(PersistentState<>).MakeGenericType(parameter.ParameterType.GetGenericArguments()), activation, name)!;
        activation.States.Add((IReadAtActivation)state);
        return state;
    }
}

/// <summary>One state of one activation, as JSON in the store.</summary>
internal sealed class PersistentState<TState>(Activation activation, string name) : IPersistentState<TState>, IReadAtActivation
{
    private readonly IGrainStateStore _store = activation.Runtime.Services.GetRequiredService<IGrainStateStore>();
    private readonly JsonSerializerOptions _json = activation.Runtime.Options.StateJson;
    private readonly string _type = $"{activation.Class.Type}/{name}";
    private readonly string _key = activation.GrainId.Key.Value;

    public TState State { get; set; } = Empty();

    public string? Etag { get; private set; }

    public bool RecordExists => Etag is not null;

    public Task ReadStateAsync() => ReadStateAsync(default);

    public async Task ReadStateAsync(CancellationToken cancellationToken)
    {
        var stored = await _store.ReadAsync(_type, _key, cancellationToken);
        State = stored is null ? Empty() : JsonSerializer.Deserialize<TState>(stored.Json.Span, _json) ?? Empty();
        Etag = stored?.Etag;
    }

    public Task WriteStateAsync() => WriteStateAsync(default);

    public async Task WriteStateAsync(CancellationToken cancellationToken) =>
        Etag = await _store.WriteAsync(_type, _key, JsonSerializer.SerializeToUtf8Bytes(State, _json), Etag, cancellationToken);

    public Task ClearStateAsync() => ClearStateAsync(default);

    public async Task ClearStateAsync(CancellationToken cancellationToken)
    {
        await _store.ClearAsync(_type, _key, Etag, cancellationToken);
        (State, Etag) = (Empty(), null);
    }

    Task IReadAtActivation.ReadAsync(CancellationToken cancellationToken) => ReadStateAsync(cancellationToken);

    private static TState Empty() => typeof(TState).IsValueType ? default!
        : typeof(TState).GetConstructor(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, []) is { } constructor
            ? (TState)constructor.Invoke(null)
            : (TState)RuntimeHelpers.GetUninitializedObject(typeof(TState));
}
