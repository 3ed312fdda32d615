using Grid.Embedded;

namespace Grid.Silo.Engine;

/// <summary>As the embedded engine's directory has them.</summary>
internal sealed class ActivationCounts(EmbeddedGrains grains) : IActivationCounts
{
    public IReadOnlyDictionary<string, int> ByType() => grains.CountActivations();
}
