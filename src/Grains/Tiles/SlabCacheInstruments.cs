using System.Diagnostics.Metrics;

namespace Grid.Grains.Tiles;

/// <summary>What the slab caches of a silo tell of themselves.</summary>
public static class SlabCacheInstruments
{
    public const string Name = "Grid.SlabCaches";

    private static readonly Meter s_meter = new(Name);
    private static readonly Counter<long> s_tiles = s_meter.CreateCounter<long>(
        "grid.slabcaches.tiles", "{tile}", "Tiles that slab caches were asked for, by result: hit in memory, read from the store, none in the pyramid, failed, or direct: read past a cache that did not answer.");

    private static readonly KeyValuePair<string, object?> s_hit = new("result", "hit"), s_read = new("result", "read"), s_none = new("result", "none"), s_failed = new("result", "failed"), s_direct = new("result", "direct");

    internal static void Hit() => s_tiles.Add(1, s_hit);

    internal static void Read() => s_tiles.Add(1, s_read);

    internal static void None() => s_tiles.Add(1, s_none);

    internal static void Failed() => s_tiles.Add(1, s_failed);

    internal static void Direct() => s_tiles.Add(1, s_direct);
}
