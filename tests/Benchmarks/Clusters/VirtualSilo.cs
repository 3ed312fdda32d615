using Grid.Grains.Pyramids;

namespace Grid.Benchmarks.Clusters;

/// <summary>
/// A silo on a virtual clock: cores that computations share, and a way to the object store that transfers share, each evenly. Regions take their places in
/// the silo's own <see cref="RegionSlots"/>.
/// </summary>
internal sealed class VirtualSilo(int cores, double bytesPerSecond, PyramidBuildOptions options)
{
    private readonly List<Work> _computing = [];
    private readonly List<Work> _moving = [];
    private double _now;

    public RegionSlots Slots { get; } = new(options);

    /// <summary>Regions that begin when a place is free, in their order.</summary>
    public Queue<Action> Waiting { get; } = new();

    /// <summary>Core seconds computed and bytes moved so far.</summary>
    public double Computed { get; private set; }

    public double Moved { get; private set; }

    /// <summary>Rises when the time of the next end may have changed.</summary>
    public long Version { get; private set; }

    /// <summary>Adds a computation that may use some threads; <paramref name="ended"/> is called at its end.</summary>
    public void Compute(double now, double coreSeconds, Func<int> threads, Action<double> ended)
    {
        Advance(now);
        _computing.Add(new Work(coreSeconds, threads, ended));
    }

    /// <summary>Adds a transfer to or from the store.</summary>
    public void Move(double now, double bytes, Action<double> ended)
    {
        Advance(now);
        _moving.Add(new Work(bytes, null, ended));
    }

    /// <summary>When the next computation or transfer ends if nothing else happens.</summary>
    public double NextEnd()
    {
        var next = double.PositiveInfinity;
        var share = CoreShare();
        foreach (var work in _computing)
            next = Math.Min(next, _now + (work.Rest / (work.Threads!() * share)));
        foreach (var work in _moving)
            next = Math.Min(next, _now + (work.Rest * _moving.Count / bytesPerSecond));
        return next;
    }

    /// <summary>Goes on to a moment and ends what is done by then.</summary>
    public void RunTo(double now)
    {
        Advance(now);
        foreach (var list in (List<Work>[])[_computing, _moving])
        {
            var ended = list.FindAll(work => work.Rest <= work.Whole * 1e-9);
            list.RemoveAll(ended.Contains);
            ended.ForEach(work => work.Ended(now));
        }

        Version++;
    }

    private void Advance(double now)
    {
        var share = CoreShare();
        foreach (var work in _computing)
        {
            var done = Math.Min(work.Rest, (now - _now) * work.Threads!() * share);
            work.Rest -= done;
            Computed += done;
        }

        foreach (var work in _moving)
        {
            var done = Math.Min(work.Rest, (now - _now) * bytesPerSecond / _moving.Count);
            work.Rest -= done;
            Moved += done;
        }

        _now = now;
        Version++;
    }

    private double CoreShare() => Math.Min(1, cores / (double)Math.Max(1, _computing.Sum(work => work.Threads!())));

    private sealed class Work(double whole, Func<int>? threads, Action<double> ended)
    {
        public double Whole { get; } = whole;

        public double Rest { get; set; } = whole;

        public Func<int>? Threads => threads;

        public Action<double> Ended => ended;
    }
}
