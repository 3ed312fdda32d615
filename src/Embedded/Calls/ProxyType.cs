using System.Linq.Expressions;

namespace Grid.Embedded.Calls;

/// <summary>The emitted class of references to one grain interface.</summary>
internal sealed class ProxyType(Type proxy, GrainMethod[] methods)
{
    private readonly Func<GrainReference> _create =
        Expression.Lambda<Func<GrainReference>>(Expression.Convert(Expression.New(proxy), typeof(GrainReference))).Compile();

    public GrainReference Create(EmbeddedGrains runtime, GrainClass grainClass, string key)
    {
        var reference = _create();
        reference.Bind(runtime, grainClass, key, methods);
        return reference;
    }
}

/// <summary>The same without a look-up, for the generic ways in.</summary>
internal static class ProxyType<TGrainInterface>
{
    public static readonly ProxyType Instance = ProxyBuilder.Get(typeof(TGrainInterface));
}
