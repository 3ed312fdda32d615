namespace Grid.PointCloud.Inspection;

/// <summary>Whether a finding stops the delivery (what is made of it would be wrong or lack points) or is for the producer to judge.</summary>
public enum CloudSeverity
{
    Warning,
    Error,
}

/// <summary>What kind of thing was found.</summary>
public enum CloudFindingKind
{
    Unreadable,
    Contradiction,
    Count,
    Returns,
    Bounds,
    Classes,
    Times,
    Density,
    CrsMissing,
    CrsDifferent,
    Format,
    Name,
    Duplicate,
    Overlap,
    Gap,
}

/// <summary>One thing that a file, or a delivery as a whole, shows.</summary>
/// <param name="Files">The producer's names of the files concerned, the first ones when they are many.</param>
/// <param name="Sentence">Names the file, chunk and point where there is one, the value, what is expected and what to do.</param>
public sealed record CloudFinding(CloudSeverity Severity, CloudFindingKind Kind, IReadOnlyList<string> Files, string Sentence)
{
    /// <summary>Index of the chunk concerned; null when it is no one's.</summary>
    public int? Chunk { get; init; }

    /// <summary>Index of the first point concerned, in the file; null when it is no one's.</summary>
    public long? Point { get; init; }
}

/// <summary>What is expected of a delivery.</summary>
public sealed record CloudExpectations
{
    public static CloudExpectations Default { get; } = new();

    /// <summary>Fewest pulses a square metre, on average over the ground that a file covers. Default 5, what LiDAR HD requires above 3,200 m; elsewhere it is 10.</summary>
    public double PulsesPerSquareMeter { get; init; } = 5;

    /// <summary>Smallest hole without points that is told, in square units of the CRS. Default 10,000, a hectare: deep water leaves such holes, missing strips too.</summary>
    public double HoleArea { get; init; } = 10_000;

    /// <summary>Chunks read at once; 0, the default, is as many as there are processors.</summary>
    public int Threads { get; init; }

    /// <summary>Damaged chunks of a file that are listed; the rest is counted. Default 20.</summary>
    public int MaxDamagedChunks { get; init; } = 20;
}
