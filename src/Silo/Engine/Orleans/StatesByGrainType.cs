using Orleans.Runtime;

namespace Grid.Silo.Engine;

/// <summary>States are stored under the grain's type and the state's name, as the embedded engine stores them: both engines find each other's.</summary>
internal sealed class StatesByGrainType : PersistentStateFactory
{
    protected override string GetFullStateName(IGrainContext context, IPersistentStateConfiguration cfg) => $"{context.GrainId.Type}/{cfg.StateName}";
}
