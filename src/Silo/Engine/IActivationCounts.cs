namespace Grid.Silo.Engine;

/// <summary>The grains that are active in this process. Not registered in a process that has none.</summary>
public interface IActivationCounts
{
    /// <summary>Activations by the type's name as in grain ids, such as <c>region</c>. Types of the engine's own are left out.</summary>
    IReadOnlyDictionary<string, int> ByType();
}
