namespace Orleans.Runtime;

/// <summary>Names a way of choosing silos, for which a cluster's silos have a director. There is one silo here, and so no choice.</summary>
public abstract class PlacementStrategy;
