using Grid.Interfaces.Operations;
using Orleans;

namespace Grid.Grains.Operations;

/// <summary>Keeps the last report of each process. Sixty-four processes report seven times a second in all, and only sixty-four while somebody looks.</summary>
public sealed class OperationsGrain(TimeProvider time) : Grain, IOperationsGrain
{
    private static readonly TimeSpan IsLookedAt = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(9);
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);

    private readonly Dictionary<(string Name, string Machine, int ProcessId), (ProcessReport Report, long Heard)> _reports = [];
    private long? _asked;

    public Task<TimeSpan> ReportAsync(ProcessReport report)
    {
        _reports[(report.Name, report.Machine, report.ProcessId)] = (report, time.GetTimestamp());
        foreach (var (process, (_, heard)) in _reports)
        {
            if (time.GetElapsedTime(heard) > Forgotten)
                _reports.Remove(process);
        }

        return Task.FromResult(_asked is { } asked && time.GetElapsedTime(asked) < IsLookedAt ? Soon : Seldom);
    }

    // That somebody looked is noted by a call that reads: it changes no answer.
    public Task<IReadOnlyList<ProcessReport>> GetReportsAsync()
    {
        _asked = time.GetTimestamp();
        return Task.FromResult<IReadOnlyList<ProcessReport>>([.. _reports.Values.Select(kept => kept.Report).OrderBy(report => report.Name, StringComparer.Ordinal)]);
    }
}
