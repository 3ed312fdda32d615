namespace Grid.Grains.Pyramids;

/// <summary>How much of a machine pyramid builds may take.</summary>
public sealed class PyramidBuildOptions
{
    /// <summary>
    /// Regions that one build keeps in flight in a grid of one process. More keeps more cores busy, and costs memory on each. Default: one a core. In a
    /// cluster a build keeps the places of all its silos busy, whatever this says.
    /// </summary>
    public int RegionsInFlight { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// Regions that compute at the same time on one silo, whatever the builds. Each holds at most one slab a level and one window of the
    /// sources, about 300 MiB for RGB slabs of 16 × 16 tiles. Default: one a core; 0 for a silo of a cluster that leaves builds to the others.
    /// </summary>
    public int RegionsPerSilo { get; set; } = Environment.ProcessorCount;

    /// <summary>Threads that all regions of one silo share. Default: one a core.</summary>
    public int Threads { get; set; } = Environment.ProcessorCount;

    /// <summary>How often a region that cannot read or write is tried, the first time included, before its failure counts. Default 3.</summary>
    public int Attempts { get; set; } = 3;

    /// <summary>Throws when a value is out of range, naming it.</summary>
    public void Validate()
    {
        Check(RegionsInFlight, 1, 4096, nameof(RegionsInFlight));
        Check(RegionsPerSilo, 0, 1024, nameof(RegionsPerSilo));
        Check(Threads, 1, 1024, nameof(Threads));
        Check(Attempts, 1, 20, nameof(Attempts));
    }

    private static void Check(int value, int least, int most, string name)
    {
        if (value < least || value > most)
            throw new ArgumentException($"Grid:Pyramids:{name} is {value}: it must be {least} to {most}.");
    }
}
