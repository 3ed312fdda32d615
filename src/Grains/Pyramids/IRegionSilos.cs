namespace Grid.Grains.Pyramids;

/// <summary>The silos that share the regions of builds with this one.</summary>
public interface IRegionSilos
{
    /// <summary>How many others there are at this moment; 0 for a grid of one process.</summary>
    int Others { get; }

    /// <summary>
    /// How many regions of one build are worth having in flight at this moment: those that all silos compute at once, and for each silo one more, which
    /// begins when a place falls free.
    /// </summary>
    int Window { get; }

    /// <summary>Whether a region that a build of this silo has in flight went to a silo which is no more; false where that is not known.</summary>
    bool IsLost(string region);

    /// <summary>Tells that a region which a build of this silo has started is no longer in flight.</summary>
    void Leave(string region);
}

/// <summary>A grid of one process.</summary>
public sealed class OneSilo(PyramidBuildOptions options) : IRegionSilos
{
    public int Others => 0;

    public int Window => options.RegionsInFlight;

    public bool IsLost(string region) => false;

    public void Leave(string region)
    {
    }
}
