using Grid.Embedded;
using Orleans.Runtime;

namespace Orleans;

/// <summary>Identity of grains and references.</summary>
public static class GrainExtensions
{
    /// <summary>The key of a grain, asked of a reference or by the grain of itself.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.Value;

    /// <summary>Class and key of a grain, asked of a reference or by the grain of itself.</summary>
    /// <exception cref="ArgumentException">The object is neither.</exception>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        IGrainBase self => self.GrainContext.GrainId,
        null => throw new ArgumentNullException(nameof(grain)),
        _ => throw new ArgumentException($"{grain.GetType().FullName} is neither a grain nor a reference to one.", nameof(grain)),
    };

    /// <summary>A reference through which a grain can be called by others; a grain passes this of itself, never <c>this</c>.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.Cast<TGrainInterface>(),
        IGrainBase { GrainContext: Activation activation } => activation.Runtime.CreateReference<TGrainInterface>(activation.Class, activation.GrainId.Key.Value),
        _ => throw new ArgumentException($"{grain?.GetType().FullName} is neither a grain nor a reference to one.", nameof(grain)),
    };

    /// <inheritdoc cref="AsReference{TGrainInterface}"/>
    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) => grain.AsReference<TGrainInterface>();
}
