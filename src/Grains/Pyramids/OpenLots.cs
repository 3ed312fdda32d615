using Grid.Grains.Pyramids.Harvest;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Grains.Pyramids;

/// <summary>The lots that grains of this silo have open. The first to ask opens a lot, the last to leave closes it. Safe for concurrent use.</summary>
public sealed class OpenLots(
    [FromKeyedServices(StoreNames.Uploads)] IObjectStore uploads, [FromKeyedServices(StoreNames.Pyramids)] IObjectStore pyramids, PyramidPlace place,
    WmsClient maps)
{
    private readonly Dictionary<string, Shared> _lots = [];

    /// <summary>Lots that somebody has joined.</summary>
    public int Count
    {
        get
        {
            lock (_lots)
                return _lots.Count;
        }
    }

    /// <summary>Joins the lot of a build, named by the build's key; nothing is read before its <see cref="Lease.Open"/> is called.</summary>
    public Lease Join(string build)
    {
        lock (_lots)
        {
            if (!_lots.TryGetValue(build, out var shared))
                _lots[build] = shared = new Shared();
            shared.Users++;
            return new Lease(this, build, shared);
        }
    }

    // The opening itself counts as a user: a lease that is given back meanwhile does not close a lot that is still being opened.
    private OpenLot Open(string build, PyramidBuildOrder order, Shared shared)
    {
        lock (_lots)
        {
            ObjectDisposedException.ThrowIf(shared.Users == 0, typeof(Lease));
            shared.Users++;
        }

        try
        {
            lock (shared.Opening)
                return shared.Lot ??= OpenLot.Open(order, uploads, pyramids, place, maps);
        }
        finally
        {
            Leave(build, shared);
        }
    }

    private void Leave(string build, Shared shared)
    {
        lock (_lots)
        {
            if (--shared.Users > 0)
                return;
            _lots.Remove(build);
        }

        shared.Lot?.Dispose();
    }

    /// <summary>One grain's part in an open lot.</summary>
    public sealed class Lease : IDisposable
    {
        private readonly string _build;
        private readonly Shared _shared;
        private OpenLots? _owner;

        internal Lease(OpenLots owner, string build, Shared shared)
        {
            _owner = owner;
            _build = build;
            _shared = shared;
        }

        /// <summary>
        /// The lot, opened by the first who asks: slow then, so ask off the grain's scheduler. Errors as <see cref="OpenLot"/>'s; they are not
        /// remembered, so asking again opens again.
        /// </summary>
        /// <param name="order">The build's order, the same from all who join it.</param>
        public OpenLot Open(PyramidBuildOrder order) => (_owner ?? throw new ObjectDisposedException(nameof(Lease))).Open(_build, order, _shared);

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Leave(_build, _shared);
    }

    internal sealed class Shared
    {
        public Lock Opening { get; } = new();

        public OpenLot? Lot { get; set; }

        public int Users { get; set; }
    }
}
