using Orleans;
using Orleans.Concurrency;

namespace Grid.Interfaces.Operations;

/// <summary>
/// Gathers what the processes of a grid tell of themselves, for the operators' page. There is one, of the key <see cref="Key"/>; it keeps reports in memory
/// only, for every process reports again.
/// </summary>
[Alias("grid.operations")]
public interface IOperationsGrain : IGrainWithStringKey
{
    /// <summary>The key of the only one.</summary>
    const string Key = "grid";

    /// <summary>Takes a process's report in the place of its last.</summary>
    /// <returns>When the next is wanted: soon while somebody looks, seldom else.</returns>
    [Alias("Report")]
    Task<TimeSpan> ReportAsync(ProcessReport report);

    /// <summary>The last report of each process, by name; those that have been silent for ten minutes are forgotten.</summary>
    [Alias("GetReports"), ReadOnly]
    Task<IReadOnlyList<ProcessReport>> GetReportsAsync();
}
