namespace Grid.Imaging.Inspection;

/// <summary>Whether a finding stops the lot (its pyramid would be wrong) or is for the producer to judge.</summary>
public enum FindingSeverity
{
    Warning,
    Error,
}

/// <summary>What kind of thing was found.</summary>
public enum FindingKind
{
    NotPlaced,
    CrsMissing,
    CrsDifferent,
    Bands,
    Sample,
    Colour,
    Resolution,
    Misaligned,
    Overlap,
    Gap,
    Duplicate,
}

/// <summary>One thing that the rasters of a lot show when they are compared.</summary>
/// <param name="Files">The producer's names of the rasters concerned, the first ones when they are many.</param>
/// <param name="Sentence">Names the file, its value, what is expected and what to do.</param>
public sealed record LotFinding(FindingSeverity Severity, FindingKind Kind, IReadOnlyList<string> Files, string Sentence);
