using Grid.Interfaces.Pyramids;

namespace Grid.Grains.Builds;

/// <summary>What the checkpoint of every build has.</summary>
public interface IBuildCheckpoint
{
    PyramidBuildStatus Status { get; set; }

    DateTimeOffset? Started { get; set; }

    DateTimeOffset? Ended { get; set; }

    /// <summary>Sentences, the first hundred.</summary>
    List<string> Failures { get; }

    /// <summary>Seconds spent before this activation, so that rates survive a restart.</summary>
    double SecondsBefore { get; set; }
}
