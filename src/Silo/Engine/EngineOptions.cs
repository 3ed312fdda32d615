namespace Grid.Silo.Engine;

/// <summary>What the grains run on. Bound from the section <c>Grid:Engine</c>; what only one engine knows, the other ignores.</summary>
public sealed class EngineOptions
{
    /// <summary>Seconds that a caller of a grain waits for the answer before it gets a timeout. Default 30.</summary>
    public int ResponseTimeoutSeconds { get; set; } = 30;

    /// <summary>Minutes without calls after which an activation leaves memory, where its class does not say. Default 15, at least 1.</summary>
    public int CollectionAgeMinutes { get; set; } = 15;

    /// <summary>Seconds that a stop waits for grains to end. Default 30; more lets long work units finish.</summary>
    public int StopTimeoutSeconds { get; set; } = 30;

    /// <summary>Several silos that find each other through PostgreSQL; Orleans only. Default false: one process.</summary>
    public bool Cluster { get; set; }

    /// <summary>
    /// The database of a cluster's membership, states and reminders (Npgsql's keywords), in which the scripts of Orleans' own AdoNet
    /// providers have been run. It holds a password: set it by the environment variable <c>Grid__Engine__ConnectionString</c>.
    /// </summary>
    public string? ConnectionString { get; set; }

    /// <summary>Name of the cluster: silos of one name and database form one. Default <c>grid</c>.</summary>
    public string ClusterId { get; set; } = "grid";

    /// <summary>Name under which states are kept; stays the same over all upgrades. Default <c>grid</c>.</summary>
    public string ServiceId { get; set; } = "grid";

    /// <summary>Port for other silos. Default 11111.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>Port for frontends that are clients of the cluster. Default 30000.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless the options make sense.</summary>
    public void Validate()
    {
        InRange(nameof(ResponseTimeoutSeconds), ResponseTimeoutSeconds, 1, 3600);
        InRange(nameof(CollectionAgeMinutes), CollectionAgeMinutes, 1, 60 * 24 * 365);
        InRange(nameof(StopTimeoutSeconds), StopTimeoutSeconds, 0, 3600);
        InRange(nameof(SiloPort), SiloPort, 1, 65535);
        InRange(nameof(GatewayPort), GatewayPort, 0, 65535);
        if (Cluster && string.IsNullOrWhiteSpace(ConnectionString))
            throw new ArgumentException("Grid:Engine:Cluster is true, but Grid:Engine:ConnectionString is not set.");
    }

    private static void InRange(string name, int value, int least, int most)
    {
        if (value < least || value > most) throw new ArgumentException($"Grid:Engine:{name} is {value}: it goes from {least} to {most}.");
    }
}
