using Grid.Grains.Pyramids;
using Grid.Imaging.Pyramids;
using Grid.Tiling;

namespace Grid.Benchmarks.Clusters;

/// <summary>What does not depend on the code: the machines and the store.</summary>
/// <param name="StoreSeconds">From a request to the store to its first byte.</param>
/// <param name="CallSeconds">From a call of a grain on another silo to its answer.</param>
/// <param name="WriteSeconds">One write of a grain's state.</param>
/// <param name="DeleteSeconds">What each object adds to a request to the store that deletes many.</param>
internal sealed record Machines(
    int Silos, int Cores, double BytesPerSecond, double StoreSeconds, double CallSeconds, double WriteSeconds, double DeleteSeconds);

/// <summary>
/// One build on a virtual clock. The plan, the cut into regions, the window of regions in flight, the choice of silos and the places on each are the code
/// that runs on a cluster; what a region computes, reads and writes is time by <see cref="UnitCosts"/>.
/// </summary>
internal sealed class BuildSimulation
{
    private const int PutsAtOnce = 4;
    private const int KeysARequest = 1000;
    private const int HandoversARegion = 2;
    private const double ProgressPerSecond = 4;

    private readonly PyramidPlan _plan;
    private readonly UnitCosts _costs;
    private readonly Machines _machines;
    private readonly double _sourceBytesPerTile;
    private readonly int _tilesPerSlab;
    private readonly VirtualSilo[] _silos;
    private readonly int _placesPerSilo;
    private readonly RegionPlaces<int> _places;
    private readonly Random _random;
    private readonly PriorityQueue<Action, double> _events = new();
    private readonly PyramidBuildState _state = new();
    private readonly Dictionary<string, (long Position, PyramidRegion Region)> _inFlight = [];
    private readonly Dictionary<long, long> _messages = [];
    private readonly Dictionary<long, long> _writes = [];
    private readonly double _reportSeconds;
    private readonly int _window;
    private readonly BuildWindow _regions;
    private readonly double[] _tierEnds;
    private double _now;
    private double _opened;
    private double _deleted;
    private int _spent;
    private readonly RateLimit _starts = new(PyramidBuildGrain.StartsPerSecond);
    private bool _isStepping;
    private bool _isHeard;

    /// <param name="sourceBytesPerTile">Bytes of the sources that a tile of the bottom level is made from.</param>
    /// <param name="spread">How much regions differ beyond their number of slabs: the relative standard deviation of what a slab costs.</param>
    public BuildSimulation(
        PyramidPlan plan, UnitCosts costs, Machines machines, PyramidBuildOptions options, double sourceBytesPerTile, double spread, int seed)
    {
        (_plan, _costs, _machines, _sourceBytesPerTile, Spread) = (plan, costs, machines, sourceBytesPerTile, spread);
        _tilesPerSlab = plan.SlabSize.Tiles;
        _random = new Random(seed);
        _places = new RegionPlaces<int>(_random);
        _placesPerSilo = options.RegionsPerSilo;
        _silos = [.. Enumerable.Range(0, machines.Silos).Select(_ => new VirtualSilo(machines.Cores, machines.BytesPerSecond, options))];
        _window = RegionPlaces<int>.WindowOf(_silos.Select(_ => options.RegionsPerSilo));
        _reportSeconds = PyramidBuildGrain.ReportSeconds(_window);
        _regions = new BuildWindow(new BuildSequence(plan), _state);
        _tierEnds = new double[plan.Tiers.Count];
    }

    public double Spread { get; }

    public double CoreSeconds => _silos.Sum(silo => silo.Computed);

    public double Bytes => _silos.Sum(silo => silo.Moved);

    public long RegionsDone { get; private set; }

    /// <summary>Seconds at which each tier ended.</summary>
    public IReadOnlyList<double> TierEnds => _tierEnds;

    /// <summary>Messages to the build's grain, the busiest there is, by second: regions' reports and their answers when they are started, progress that is asked for.</summary>
    public IReadOnlyDictionary<long, long> Messages => _messages;

    /// <summary>Writes to PostgreSQL by second.</summary>
    public IReadOnlyDictionary<long, long> Writes => _writes;

    /// <summary>Seconds to delete what regions handed over and is there still at their end, and to list the slabs, a thousand a request.</summary>
    public double ClosingSeconds => Math.Max(0, _deleted - _now) + ((Math.Ceiling(_plan.Slabs / (double)KeysARequest) + 2) * _machines.StoreSeconds) + (_spent * _machines.DeleteSeconds);

    /// <summary>Runs the build's regions; returns the seconds they took.</summary>
    /// <param name="planning">Seconds until the build has its plan.</param>
    /// <param name="opening">Seconds that a silo's first region waits for the lot after that.</param>
    public double Run(double planning, double opening)
    {
        for (var i = 0; i < _silos.Length; i++)
            Count(_messages, planning);
        _opened = planning + opening;
        _now = planning;
        Offer();
        while (_events.TryDequeue(out var happen, out var at))
        {
            _now = at;
            happen();
        }

        for (var second = 0.0; second < _now; second += 1 / ProgressPerSecond)
            Count(_messages, second);
        for (var second = 0.0; second < _now; second++)
        {
            // The build's checkpoint, and the execution's with its log.
            Count(_writes, second);
            Count(_writes, second);
        }

        return _now;
    }

    private void Offer()
    {
        var most = _isHeard ? _window : PyramidBuildGrain.FirstRegions(_window, _silos.Length);
        while (_inFlight.Count < most && _regions.HasNext && _starts.TryTake(_now) && _regions.TryTakeNext(out var position, out var region))
        {
            var key = $"{region.Root.Level}|{region.Root.Col}|{region.Root.Row}";
            _inFlight[key] = (position, region);
            if (!_places.TryChoose(key, [.. Enumerable.Range(0, _silos.Length).Select(silo => (silo, _placesPerSilo))], out var chosen))
                throw new InvalidOperationException("No silo computes regions.");
            At(_now + _machines.CallSeconds, () => TakePlace(key, region, _silos[chosen]));
            At(_now + (2 * _machines.CallSeconds), () => Count(_messages, _now));
        }

        if (!_regions.HasEnded && !_isStepping)
        {
            _isStepping = true;
            At(_now + PyramidBuildGrain.Step.TotalSeconds, () =>
            {
                _isStepping = false;
                Offer();
            });
        }
    }

    private void TakePlace(string key, PyramidRegion region, VirtualSilo silo)
    {
        if (silo.Slots.Taken == _placesPerSilo)
        {
            silo.Waiting.Enqueue(() => TakePlace(key, region, silo));
            return;
        }

        // Completes at once, for there is a place.
        silo.Slots.TakeAsync(default).GetAwaiter().GetResult();
        At(Math.Max(_now, _opened), new RegionRun(this, key, region, silo).Next);
    }

    private void End(string key, VirtualSilo silo)
    {
        silo.Slots.Release();
        if (silo.Waiting.TryDequeue(out var begin))
            begin();
        Touch(silo);
        Count(_writes, _now);
        At(_now + _machines.WriteSeconds, () =>
        {
            Count(_messages, _now);
            var (position, region) = _inFlight[key];
            _inFlight.Remove(key);
            _places.Leave(key);
            _regions.Finish(position);
            Spend(_regions.PartsOf(position).Count() * HandoversARegion);
            RegionsDone++;
            _isHeard = true;
            _tierEnds[region.Tier] = _now;
            Offer();
        });
    }

    // The build's grain deletes them, one request at a time, beside all else.
    private void Spend(int handovers)
    {
        _spent += handovers;
        if (_spent < KeysARequest || _now < _deleted)
            return;
        _deleted = _now + _machines.StoreSeconds + (_spent * _machines.DeleteSeconds);
        _spent = 0;
    }

    private void At(double time, Action happen) => _events.Enqueue(happen, time);

    // What a silo does next changes with all that begins and ends there: the event of an older version is void.
    private void Touch(VirtualSilo silo)
    {
        var version = silo.Version;
        var next = silo.NextEnd();
        if (double.IsInfinity(next))
            return;
        At(Math.Max(next, _now), () =>
        {
            if (silo.Version != version)
                return;
            silo.RunTo(_now);
            Touch(silo);
        });
    }

    private static void Count(Dictionary<long, long> seconds, double time) =>
        seconds[(long)time] = seconds.GetValueOrDefault((long)time) + 1;

    /// <summary>One region: its slabs in the order in which they are built, each read, computed and put, puts overlapping what follows.</summary>
    private sealed class RegionRun(BuildSimulation build, string key, PyramidRegion region, VirtualSilo silo)
    {
        private readonly Queue<(bool IsBase, bool IsRoot)> _slabs = new(build.SlabsOf(region));
        private readonly PyramidTier _tier = build._plan.Tiers[region.Tier];
        private double _lastReport = build._now - (build._random.NextDouble() * build._reportSeconds);
        private int _putting;
        private bool _waits;

        public void Next()
        {
            if (_putting >= PutsAtOnce || (_slabs.Count == 0 && _putting > 0))
            {
                _waits = true;
                return;
            }

            if (!_slabs.TryDequeue(out var slab))
            {
                build.End(key, silo);
                return;
            }

            if (!slab.IsBase)
            {
                Compute(slab, build._costs.Mean);
                return;
            }

            // Slabs made from stored ones read what four regions handed over.
            var fromRasters = _tier.SourceLevel is null;
            var bytes = build._tilesPerSlab * (fromRasters ? build._sourceBytesPerTile : build._costs.HandoverBytes * 4);
            build.At(build._now + build._machines.StoreSeconds, () =>
            {
                silo.Move(build._now, bytes, _ => Compute(slab, fromRasters ? build._costs.Warp : build._costs.Reread));
                build.Touch(silo);
            });
        }

        private void Compute((bool IsBase, bool IsRoot) slab, double coreSecondsPerTile)
        {
            var factor = Math.Max(0.2, 1 + (build.Spread * Normal(build._random)));
            silo.Compute(build._now, build._tilesPerSlab * coreSecondsPerTile * factor, () => silo.Slots.Threads, _ => Put(slab));
            build.Touch(silo);
        }

        private void Put((bool IsBase, bool IsRoot) slab)
        {
            _putting++;
            var bytes = build._tilesPerSlab * (build._costs.TileBytes + (slab.IsRoot ? build._costs.HandoverBytes : 0));
            build.At(build._now + build._machines.StoreSeconds, () =>
            {
                silo.Move(build._now, bytes, _ =>
                {
                    _putting--;
                    if (!_waits)
                        return;
                    _waits = false;
                    Next();
                });
                build.Touch(silo);
            });
            if (build._now - _lastReport > build._reportSeconds)
            {
                _lastReport = build._now;
                build._isHeard = true;
                Count(build._messages, build._now);
            }

            Next();
        }

        private static double Normal(Random random) =>
            Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    private IEnumerable<(bool IsBase, bool IsRoot)> SlabsOf(PyramidRegion region)
    {
        var tier = _plan.Tiers[region.Tier];
        return Visit(region.Root, _plan.TileMatrixSet.PositionOf(tier.RootLevel), _plan.TileMatrixSet.PositionOf(tier.BaseLevel), true);

        IEnumerable<(bool, bool)> Visit(SlabIndex slab, int position, int basePosition, bool isRoot)
        {
            if (!_plan.Contains(slab))
                yield break;
            for (var child = 0; child < 4 && position < basePosition; child++)
            {
                var below = new SlabIndex(_plan.TileMatrixSet.Matrices[position + 1].Id, (2 * slab.Col) + (child % 2), (2 * slab.Row) + (child / 2));
                foreach (var built in Visit(below, position + 1, basePosition, false))
                    yield return built;
            }

            yield return (position == basePosition, isRoot);
        }
    }
}
