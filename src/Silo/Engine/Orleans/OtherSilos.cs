using Grid.Grains.Pyramids;
using Orleans.Runtime;

namespace Grid.Silo.Engine;

/// <summary>The other silos that Orleans' membership knows as active.</summary>
internal sealed class OtherSilos(ISiloStatusOracle silos) : IOtherSilos
{
    public int Count => silos.GetActiveSilos().Count(silo => !silo.Equals(silos.SiloAddress));
}
