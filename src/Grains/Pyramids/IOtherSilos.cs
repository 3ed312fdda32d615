namespace Grid.Grains.Pyramids;

/// <summary>The silos that share the work with this one.</summary>
public interface IOtherSilos
{
    /// <summary>How many are there at this moment; 0 for a grid of one process.</summary>
    int Count { get; }
}

/// <summary>A grid of one process.</summary>
public sealed class NoOtherSilos : IOtherSilos
{
    public int Count => 0;
}
