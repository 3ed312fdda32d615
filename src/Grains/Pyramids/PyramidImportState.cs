using Grid.Interfaces.Pyramids;
using Orleans;

namespace Grid.Grains.Pyramids;

/// <summary>How far an import is. Slabs are copied in the order of their paths, so a number says which are done.</summary>
[GenerateSerializer, Alias("grid.pyramid-import-state")]
public sealed class PyramidImportState
{
    [Id(0)] public PyramidImportOrder? Order { get; set; }

    [Id(1)] public PyramidBuildStatus Status { get; set; }

    [Id(2)] public int SlabsDone { get; set; }

    [Id(3)] public int SlabsTotal { get; set; }

    [Id(4)] public DateTimeOffset? Started { get; set; }

    [Id(5)] public DateTimeOffset? Ended { get; set; }

    [Id(6)] public string? Failure { get; set; }

    [Id(7)] public PyramidSummary? Pyramid { get; set; }
}
