namespace Grid.Silo.Engine;

/// <summary>What the grains run on. Bound from the section <c>Grid:Engine</c>; what only one engine knows, the other ignores.</summary>
public sealed class EngineOptions
{
    /// <summary>Seconds that a caller of a grain waits for the answer before it gets a timeout. Default 30.</summary>
    public int ResponseTimeoutSeconds { get; set; } = 30;

    /// <summary>Minutes without calls after which an activation leaves memory, where its class does not say. Default 15, at least 1.</summary>
    public int CollectionAgeMinutes { get; set; } = 15;

    /// <summary>Seconds that a stop waits for grains to end, a cluster's silo for its grains to leave. Default 30; more lets long work units finish.</summary>
    public int StopTimeoutSeconds { get; set; } = 30;

    /// <summary>
    /// Several silos, which find each other through <c>Grid:Database:ConnectionString</c>, and frontends that are their clients; Orleans only.
    /// Default false: one process.
    /// </summary>
    public bool Cluster { get; set; }

    /// <summary>Name of the cluster: silos and frontends of one name and database form one. Default <c>grid</c>.</summary>
    public string ClusterId { get; set; } = "grid";

    /// <summary>Name of this silo, for operators and logs. Null: the machine's name and the process id.</summary>
    public string? SiloName { get; set; }

    /// <summary>
    /// Labels of this silo, which the other silos know and operators see: <c>zone=a,disk=nvme</c>. Null: none. Names that begin with <c>grid.</c> are
    /// Grid's own.
    /// </summary>
    public string? Labels { get; set; }

    /// <summary>
    /// IP address or name under which silos and frontends of other machines reach this silo; it listens there only. Null: the machine's name.
    /// The ports ask nobody for a password: they belong on a network of the cluster's own.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>Port for other silos of a cluster; 0 takes a free one. Default 11111.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>Port for frontends that are clients of the cluster; 0 takes a free one. Default 30000.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>Seconds without an answer after which the other silos of a cluster take one for dead, 3 to 600. Default 9; more where pauses are long.</summary>
    public int DeadAfterSeconds { get; set; } = 9;

    internal string NameOrDefault => SiloName ?? $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>Regions of pyramids that this silo computes at once, as <c>Grid:Pyramids:RegionsPerSilo</c> says.</summary>
    internal int Places { get; set; } = 1;

    /// <summary>Throws <see cref="ArgumentException"/>, which names the setting, unless the options make sense.</summary>
    public void Validate()
    {
        InRange(nameof(ResponseTimeoutSeconds), ResponseTimeoutSeconds, 1, 3600);
        InRange(nameof(CollectionAgeMinutes), CollectionAgeMinutes, 1, 60 * 24 * 365);
        InRange(nameof(StopTimeoutSeconds), StopTimeoutSeconds, 0, 3600);
        InRange(nameof(SiloPort), SiloPort, 0, 65535);
        InRange(nameof(GatewayPort), GatewayPort, 0, 65535);
        InRange(nameof(DeadAfterSeconds), DeadAfterSeconds, 3, 600);
        if (string.IsNullOrWhiteSpace(ClusterId))
            throw new ArgumentException("Grid:Engine:ClusterId is empty: silos of one name form a cluster.");
        _ = SiloLabels.Read(Labels);
    }

    private static void InRange(string name, int value, int least, int most)
    {
        if (value < least || value > most) throw new ArgumentException($"Grid:Engine:{name} is {value}: it goes from {least} to {most}.");
    }
}
