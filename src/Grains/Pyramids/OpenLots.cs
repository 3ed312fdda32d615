using System.Collections.Concurrent;
using Grid.Interfaces.Pyramids;
using Grid.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Grid.Grains.Pyramids;

/// <summary>The lots that grains of this silo have open. The first to ask opens a lot, the last to leave closes it. Safe for concurrent use.</summary>
public sealed class OpenLots([FromKeyedServices(StoreNames.Uploads)] IObjectStore uploads, PyramidPlace place)
{
    private readonly Dictionary<string, Shared> _lots = [];

    /// <summary>Joins a lot; nothing is read before its <see cref="Lease.Lot"/> is asked for.</summary>
    public Lease Join(PyramidBuildOrder order)
    {
        lock (_lots)
        {
            if (!_lots.TryGetValue(order.StoragePrefix, out var shared))
                _lots[order.StoragePrefix] = shared = new Shared(new Lazy<OpenLot>(() => OpenLot.Open(order, uploads, place)));
            shared.Users++;
            return new Lease(this, order.StoragePrefix, shared.Lot);
        }
    }

    private void Leave(string key)
    {
        lock (_lots)
        {
            var shared = _lots[key];
            if (--shared.Users > 0)
                return;
            _lots.Remove(key);
            if (shared.Lot.IsValueCreated)
                shared.Lot.Value.Dispose();
        }
    }

    /// <summary>One grain's part in an open lot.</summary>
    public sealed class Lease : IDisposable
    {
        private readonly Lazy<OpenLot> _lot;
        private readonly string _key;
        private OpenLots? _owner;

        internal Lease(OpenLots owner, string key, Lazy<OpenLot> lot)
        {
            _owner = owner;
            _key = key;
            _lot = lot;
        }

        /// <summary>The lot, opened by the first who asks: slow then, so ask off the grain's scheduler. Errors as <see cref="OpenLot"/>'s.</summary>
        public OpenLot Lot => _lot.Value;

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Leave(_key);
    }

    private sealed class Shared(Lazy<OpenLot> lot)
    {
        public Lazy<OpenLot> Lot { get; } = lot;

        public int Users { get; set; }
    }
}
