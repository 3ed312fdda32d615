using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using Orleans;

namespace Grid.Embedded;

/// <summary>The grain classes of the given assemblies, and which of them an interface means.</summary>
internal sealed class GrainClasses
{
    private readonly FrozenDictionary<string, GrainClass> _byName;
    private readonly ConcurrentDictionary<(Type, string?), GrainClass> _byInterface = new();

    /// <exception cref="ArgumentException">Two classes would have the same grain type.</exception>
    public GrainClasses(IEnumerable<Assembly> assemblies, EmbeddedGrainOptions options)
    {
        var classes = assemblies.Distinct().SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false } && type.IsAssignableTo(typeof(IGrainBase)))
            .Select(type => new GrainClass(type, options))
            .ToList();
        if (classes.GroupBy(grainClass => grainClass.Type).FirstOrDefault(group => group.Count() > 1) is { } twins)
            throw new ArgumentException($"Grain classes {string.Join(" and ", twins.Select(twin => twin.Implementation.FullName))} have the same grain type {twins.Key}.");
        _byName = classes.ToFrozenDictionary(grainClass => grainClass.Type.Value);
    }

    /// <summary>The class of a grain type; null when there is none.</summary>
    public GrainClass? Named(string grainType) => _byName.GetValueOrDefault(grainType);

    /// <summary>The class that implements an interface; of several, the one named like it (<c>IThingGrain</c>, <c>ThingGrain</c>).</summary>
    /// <exception cref="ArgumentException">There is none, or no single one.</exception>
    public GrainClass Implementing(Type grainInterface, string? classNamePrefix) =>
        _byInterface.TryGetValue((grainInterface, classNamePrefix), out var known) ? known : _byInterface[(grainInterface, classNamePrefix)] = Resolve(grainInterface, classNamePrefix);

    private GrainClass Resolve(Type grainInterface, string? classNamePrefix)
    {
        GrainClass[] candidates = [.. _byName.Values.Where(grainClass => grainClass.Implementation.IsAssignableTo(grainInterface)
            && (classNamePrefix is null || grainClass.Implementation.FullName!.StartsWith(classNamePrefix, StringComparison.Ordinal)))];
        if (candidates.Length > 1 && candidates.FirstOrDefault(one => "I" + one.Implementation.Name == grainInterface.Name) is { } namesake)
            return namesake;
        return candidates switch
        {
            [var only] => only,
            [] => throw new ArgumentException($"No grain class implements {grainInterface.FullName}."),
            _ => throw new ArgumentException($"{grainInterface.FullName} is implemented by {string.Join(", ", candidates.Select(one => one.Implementation.FullName))}; name one."),
        };
    }
}
