using Grid.Grains.Pyramids;
using Microsoft.Extensions.Logging;

namespace Grid.Grains.Builds;

/// <summary>What a build does with its units whatever they are.</summary>
internal interface IUnitsInFlight
{
    /// <summary>Stops all; none is in flight any more, and none writes when this returns. One whose silo does not answer is lost with it.</summary>
    Task StopAsync(Func<string, Task> stop);

    /// <summary>Tells the silos that this build counts none any more.</summary>
    void Leave();
}

/// <summary>
/// The units of one build that silos have in hand, by their grains' keys. Each is started, started again when it leaves its silo or answers nothing for long,
/// and forgotten at its end.
/// </summary>
/// <typeparam name="TUnit">What the build knows of a unit.</typeparam>
internal sealed class UnitsInFlight<TUnit>(IRegionSilos silos, TimeProvider time, ILogger log) : IUnitsInFlight
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, InFlight> _units = [];
    private long _looked;

    public int Count => _units.Count;

    public IEnumerable<TUnit> All => _units.Values.Select(unit => unit.Unit);

    /// <summary>Adds a unit, which the next <see cref="StartAsync"/> starts.</summary>
    public void Add(string key, TUnit unit) => _units.Add(key, new InFlight(unit));

    /// <summary>Notes a report of a unit; false when it is not in flight.</summary>
    /// <param name="leaves">True when it is to be started again, which another silo does.</param>
    /// <param name="ended">True when it is in flight no more.</param>
    public bool Hear(string key, bool leaves, bool ended, out TUnit unit)
    {
        unit = default!;
        if (!_units.TryGetValue(key, out var heard))
            return false;
        unit = heard.Unit;
        heard.LastHeard = time.GetTimestamp();
        heard.IsToStart |= leaves;
        if (ended)
            _units.Remove(key);
        if (ended || leaves)
            silos.Leave(key);
        return true;
    }

    /// <summary>
    /// Starts what is to be started, and what was on a silo that is no more. One whose silo is being lost keeps no other waiting: it is tried again a second later.
    /// </summary>
    /// <param name="silence">After how long a unit of which nothing is heard is started again; null for twenty seconds.</param>
    /// <returns>How many had been silent for so long, or were lost.</returns>
    public async Task<int> StartAsync(Func<string, TUnit, Task> start, TimeSpan? silence = null)
    {
        var silent = FindSilent(silence ?? AskAgain);
        var starting = _units.Where(entry => entry.Value.IsToStart && entry.Value.NotBefore <= time.GetTimestamp()).Concat(silent).ToList();
        await Task.WhenAll(starting.Select(entry => StartAsync(entry.Key, entry.Value, start)));
        return silent.Count;
    }

    public async Task StopAsync(Func<string, Task> stop)
    {
        List<string> keys = [.. _units.Keys];
        Leave();
        _units.Clear();
        await Task.WhenAll(keys.Select(async key =>
        {
            try
            {
                await stop(key);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                log.LogInformation("Unit {Unit} could not be told to stop: {Reason}", key, error.Message);
            }
        }));
    }

    public void Leave()
    {
        foreach (var key in _units.Keys)
            silos.Leave(key);
    }

    // Steps come with every report, a hundred a second in a large cluster; silos are lost seldom.
    private List<KeyValuePair<string, InFlight>> FindSilent(TimeSpan silence)
    {
        if (time.GetElapsedTime(_looked) < LookEvery)
            return [];
        _looked = time.GetTimestamp();
        var silent = _units.Where(entry => !entry.Value.IsToStart && (time.GetElapsedTime(entry.Value.LastHeard) > silence || silos.IsLost(entry.Key))).ToList();
        silent.ForEach(entry => silos.Leave(entry.Key));
        return silent;
    }

    private async Task StartAsync(string key, InFlight unit, Func<string, TUnit, Task> start)
    {
        unit.LastHeard = time.GetTimestamp();
        unit.IsToStart = false;
        try
        {
            await start(key, unit.Unit);
        }
        catch (Exception error) when (Outage.Is(error))
        {
            unit.IsToStart = true;
            unit.NotBefore = time.GetTimestamp() + time.TimestampFrequency;
            log.LogInformation("Unit {Unit} could not be started yet: {Reason}", key, error.Message);
        }
        catch
        {
            unit.IsToStart = true;
            throw;
        }
    }

    private sealed class InFlight(TUnit unit)
    {
        public TUnit Unit { get; } = unit;

        public long LastHeard { get; set; }

        /// <summary>Timestamp from which on it is tried again, where it could not be started.</summary>
        public long NotBefore { get; set; } = long.MinValue;

        /// <summary>True until its silo has accepted it, and again when that silo stops it.</summary>
        public bool IsToStart { get; set; } = true;
    }
}
