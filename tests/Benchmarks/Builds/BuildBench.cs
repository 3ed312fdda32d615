using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Gdal;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Imaging.Sources;
using Grid.Storage;
using Grid.Storage.FileSystem;
using Grid.Tiling;

namespace Grid.Benchmarks.Builds;

/// <summary>
/// Builds a lot's pyramid (PM, all levels, JPEG 90, bicubic) without server, database or grains: real files, plan, regions and a store. What it takes
/// is what a build on the platform cannot go below. The last line is one JSON object.
/// </summary>
internal static class BuildBench
{
    private const string Mercator = "EPSG:3857";
    private static readonly TimeSpan _sampling = TimeSpan.FromMilliseconds(50);

    /// <param name="options">The lot, and the folder where made lots are kept.</param>
    /// <param name="store">Folder that gets the slabs, flushed to the device; null keeps in memory those that upper tiers read, and drops the others.</param>
    /// <param name="regions">Regions computed at the same time.</param>
    /// <param name="threads">Threads a region.</param>
    public static async Task<int> RunAsync(BenchOptions options, string? store, int regions, int threads)
    {
        var built = await BuildAsync(BenchLot.Files(options), store, regions, threads);
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "build",
            lot = options.Lot,
            input_mpix = built.Pixels / 1e6,
            seconds = Math.Round(built.Seconds, 2),
            mpix_per_s = Math.Round(built.Pixels / 1e6 / built.Seconds, 1),
            cpu_seconds = Math.Round(built.CpuSeconds, 2),
            cpu_ns_per_pixel = Math.Round(built.CpuSeconds * 1e9 / built.Pixels, 1),
            reading_seconds = Math.Round(built.ReadingSeconds, 2),
            tier_seconds = built.TierSeconds,
            tiles = built.Tiles,
            megabytes = Math.Round(built.Bytes / 1e6, 1),
            digest = built.Digest,
            peak_mib = built.PeakMib,
            allocated_mib = built.AllocatedMib,
            gc_pause_seconds = Math.Round(built.PauseSeconds, 2),
            gc_counts = Enumerable.Range(0, 3).Select(GC.CollectionCount),
        }));
        return 0;
    }

    /// <summary>What a build took.</summary>
    /// <param name="Digest">Of all slabs, in an order that does not matter.</param>
    internal sealed record Built(
        long Pixels, double Seconds, double CpuSeconds, double ReadingSeconds, List<double> TierSeconds, long Tiles, long Bytes, string Digest, long PeakMib,
        long AllocatedMib, double PauseSeconds);

    /// <summary>Builds the pyramid of some rasters.</summary>
    /// <inheritdoc cref="RunAsync"/>
    internal static async Task<Built> BuildAsync(IReadOnlyList<string> files, string? store, int regions, int threads)
    {
        using var slabs = new Slabs(store);
        using var memory = new PeakMemory();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var (allocated, pauses) = (GC.GetTotalAllocatedBytes(true), GC.GetTotalPauseDuration());
        var watch = Stopwatch.StartNew();

        using var sources = LotSources.Open([.. files.Select(file => (file, Path.GetFileName(file)))], BenchLot.Crs);
        var timed = sources.Select(sheet => new TimedSource(sheet)).ToList();
        var set = TileMatrixSets.Find("PM")!;
        var extents = sources.RasterExtents.Select(extent => CrsExtent.Transform(extent, sources.Crs, Mercator)).ToList();
        var bottom = set.ForResolution(sources.CellSize * extents[0].Width / sources.RasterExtents.First().Width);
        var plan = new PyramidPlan(set, bottom.Id, set.Matrices[0].Id, SlabSize.Default, extents);
        var format = new PyramidBuildFormat(
            new SlabFormat(TileCompression.Jpeg90, sources.Format, SlabSize.Default, [.. Enumerable.Repeat(255.0, sources.Format.Channels)]), false, Interpolation.Bicubic);
        var tiers = new List<double>();
        foreach (var tier in plan.Tiers)
        {
            var began = watch.Elapsed;
            await Parallel.ForEachAsync(plan.Regions(tier), new ParallelOptions { MaxDegreeOfParallelism = regions }, async (region, cancellation) =>
            {
                using var build = tier.SourceLevel is null
                    ? RegionBuild.FromRasters(plan, region, format, timed, () => new GdalCoordinateTransform(Mercator, sources.Crs), threads)
                    : RegionBuild.FromStoredLevel(plan, region, format, slabs.Read, threads);
                var putting = Task.CompletedTask;
                while (build.TryBuildNext(cancellation, out var slab))
                {
                    await putting;
                    putting = slabs.PutAsync(slab);
                }

                await putting;
            });
            tiers.Add(Math.Round((watch.Elapsed - began).TotalSeconds, 2));
        }

        var seconds = watch.Elapsed.TotalSeconds;
        var used = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
        return new Built(
            sources.Pixels, seconds, used, timed.Sum(source => source.Seconds), tiers, slabs.Tiles, slabs.Bytes, slabs.Digest, memory.PeakMib,
            (GC.GetTotalAllocatedBytes(true) - allocated) >> 20, (GC.GetTotalPauseDuration() - pauses).TotalSeconds);
    }

    /// <summary>Adds up the time that threads spend in reads.</summary>
    private sealed class TimedSource(IRasterSource inner) : IRasterSource
    {
        private long _ticks;

        public PixelGrid Grid => inner.Grid;

        public PixelFormat Format => inner.Format;

        public double Seconds => TimeSpan.FromTicks(_ticks).TotalSeconds;

        public bool Read(long col, long row, Raster window, CancellationToken cancellation)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                return inner.Read(col, row, window, cancellation);
            }
            finally
            {
                Interlocked.Add(ref _ticks, Stopwatch.GetElapsedTime(began).Ticks);
            }
        }
    }

    /// <summary>Where slabs go; counts them, and digests them in an order that does not matter, so that two builds can be compared.</summary>
    private sealed class Slabs(string? folder) : IDisposable
    {
        private readonly FileObjectStore? _store = folder is null ? null : new FileObjectStore(folder);
        private readonly ConcurrentDictionary<string, byte[]> _kept = [];
        private long _tiles;
        private long _bytes;
        private ulong _digest;

        public long Tiles => _tiles;

        public long Bytes => _bytes;

        public string Digest => _digest.ToString("x16");

        public async Task PutAsync(BuiltSlab slab)
        {
            using (slab)
            {
                if (slab.Failure is { } failure)
                    throw failure;
                if (slab.Tiles == 0)
                    return;
                var key = KeyOf(slab.Slab);
                Interlocked.Add(ref _tiles, slab.Tiles);
                Interlocked.Add(ref _bytes, slab.Data.Length);
                var hash = Fnv(key, slab.Data.Memory.Span);
                Interlocked.Add(ref _digest, hash);
                if (_store is not null)
                    await _store.PutAsync(key, slab.Data.Memory);
                if (slab.Handover is { } handover)
                {
                    await KeepAsync(KeyOf(slab.Slab, StoredPart.HandoverMask), handover.Mask);
                    if (handover.Halves is { } halves)
                        await KeepAsync(KeyOf(slab.Slab, StoredPart.HandoverHalves), halves);
                }
            }
        }

        public ReadOnlyMemory<byte>? Read(SlabIndex slab, StoredPart part)
        {
            var key = KeyOf(slab, part);
            if (_store is null)
                return _kept.TryGetValue(key, out var kept) ? (ReadOnlyMemory<byte>?)kept : null;
            var path = Path.Combine(_store.Root, key);
            return File.Exists(path) ? (ReadOnlyMemory<byte>?)File.ReadAllBytes(path) : null;
        }

        public void Dispose() => _store?.Dispose();

        private static string KeyOf(SlabIndex slab, StoredPart part = StoredPart.Data) => $"{part}/{slab.Level}/{slab.Col}/{slab.Row}.tif";

        private async Task KeepAsync(string key, PooledBytes bytes)
        {
            if (_store is not null)
                await _store.PutAsync(key, bytes.Memory);
            else
                _kept[key] = bytes.Memory.ToArray();
        }

        // FNV-1a over words of eight bytes.
        private static ulong Fnv(string key, ReadOnlySpan<byte> bytes)
        {
            var hash = 14695981039346656037UL;
            foreach (var character in key)
                hash = (hash ^ character) * 1099511628211UL;
            var words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes);
            foreach (var word in words)
                hash = (hash ^ word) * 1099511628211UL;
            foreach (var rest in bytes[(words.Length * 8)..])
                hash = (hash ^ rest) * 1099511628211UL;
            return hash;
        }
    }

    /// <summary>The most resident memory that this process has while it is watched.</summary>
    private sealed class PeakMemory : IDisposable
    {
        private readonly Timer _timer;
        private long _peak;

        public PeakMemory() => _timer = new Timer(_ => _peak = Math.Max(_peak, Environment.WorkingSet), null, TimeSpan.Zero, _sampling);

        public long PeakMib => _peak >> 20;

        public void Dispose() => _timer.Dispose();
    }
}
