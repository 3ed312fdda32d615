using System.Collections.Concurrent;
using System.Reflection;
using Grid.Embedded.State;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Grid.Embedded;

/// <summary>What a grain class says about itself by its name, attributes and constructor.</summary>
internal sealed class GrainClass
{
    private readonly ConcurrentDictionary<MethodInfo, MethodInfo> _implementations = new();
    private readonly ConstructorInvoker _constructor;
    private readonly ParameterInfo[] _parameters;

    /// <exception cref="ArgumentException">The class has no single public constructor.</exception>
    public GrainClass(Type type, EmbeddedGrainOptions options)
    {
        Implementation = type;
        var name = type.Name.Split('`')[0];
        if (name.EndsWith("Grain", StringComparison.Ordinal) && name.Length > 5) name = name[..^5];
        Type = new(name.ToLowerInvariant());
        Reentrant = type.IsDefined(typeof(ReentrantAttribute), true);
        MaxLocalWorkers = type.GetCustomAttribute<StatelessWorkerAttribute>()?.MaxLocalWorkers ?? 0;
        FiltersItself = type.IsAssignableTo(typeof(IIncomingGrainCallFilter));
        CollectionAge = type.IsDefined(typeof(KeepAliveAttribute), true) ? TimeSpan.MaxValue
            : type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit ?? options.CollectionAge;
        if (type.GetConstructors() is not [var constructor])
            throw new ArgumentException($"Grain class {type.FullName} has to have exactly one public constructor.");
        _constructor = ConstructorInvoker.Create(constructor);
        _parameters = constructor.GetParameters();
    }

    public Type Implementation { get; }

    public GrainType Type { get; }

    public bool Reentrant { get; }

    /// <summary>Activations a key may have; 0 for ordinary grains, which have one.</summary>
    public int MaxLocalWorkers { get; }

    /// <summary>Whether the class is its own incoming call filter.</summary>
    public bool FiltersItself { get; }

    public TimeSpan CollectionAge { get; }

    /// <summary>Makes the grain object, in a turn of its activation. Parameters are services, the context, and persistent states.</summary>
    public object Construct(Activation activation)
    {
        var arguments = new object?[_parameters.Length];
        for (var i = 0; i < arguments.Length; i++) arguments[i] = Argument(activation, _parameters[i]);
        return _constructor.Invoke(arguments);
    }

    /// <summary>The class's method behind an interface's.</summary>
    public MethodInfo ImplementationOf(MethodInfo method) => _implementations.GetOrAdd(method, method =>
    {
        var map = Implementation.GetInterfaceMap(method.DeclaringType!);
        return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, method)];
    });

    private static object? Argument(Activation activation, ParameterInfo parameter)
    {
        if (parameter.GetCustomAttribute<PersistentStateAttribute>() is { } state)
            return PersistentState.Create(activation, parameter, state.StateName);
        if (parameter.ParameterType == typeof(IGrainContext)) return activation;
        var services = activation.ActivationServices;
        if (parameter.GetCustomAttribute<FromKeyedServicesAttribute>() is { } keyed)
            return services.GetRequiredKeyedService(parameter.ParameterType, keyed.Key);
        return parameter.HasDefaultValue
            ? services.GetService(parameter.ParameterType) ?? parameter.DefaultValue
            : services.GetRequiredService(parameter.ParameterType);
    }
}
