using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Tiling;

namespace Grid.Cli.Pyramids;

/// <summary>What is counted and measured of a pyramid's slabs.</summary>
/// <param name="Tiles">Whether sizes of tiles and read times are measured too.</param>
/// <param name="Deciles">Whether measures are given by their eleven quantiles rather than one by one.</param>
/// <param name="Ratio">One slab in so many is measured; all are counted.</param>
public sealed record StatisticsOptions(bool Tiles, bool Deciles, int Ratio);

/// <summary>
/// Statistics of a pyramid in folders, as ROK4's <c>pyrolyse</c> gives them (rok4/pytools): <c>global</c> and for each of <c>levels</c> the
/// <c>slab_count</c>, the <c>link_count</c> among them and <c>slab_sizes</c> in bytes; with tiles, <c>tile_sizes</c> (the first tile of each slab measured) and
/// <c>perfs</c>, seconds a slab's index took to read. Masks are not counted; a link counts with the size of its slab.
/// </summary>
public static class PyramidStatistics
{
    private const int HeaderBytes = 2048;

    // A slab's link is shorter than its header by far.
    private const int LongestLink = 2047;

    private static readonly double[] s_deciles = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

    /// <summary>Reads the descriptor and the slabs.</summary>
    /// <exception cref="DeliveryException">The descriptor, or a slab, cannot be read.</exception>
    public static JsonObject Of(string descriptor, StatisticsOptions options)
    {
        var path = Path.GetFullPath(descriptor);
        PyramidDescriptor pyramid;
        try
        {
            pyramid = PyramidDescriptorJson.Read(File.ReadAllBytes(path));
        }
        catch (Exception wrong) when (wrong is InvalidPyramidException or IOException or UnauthorizedAccessException)
        {
            throw new DeliveryException($"{descriptor} cannot be read as the descriptor of a pyramid: {wrong.Message}");
        }

        var all = new Part();
        var times = new List<double>();
        var levels = new JsonObject();
        foreach (var level in pyramid.Levels)
        {
            var part = new Part();
            foreach (var (slab, position) in PyramidSlabs.Of(Path.GetDirectoryName(path)!, level, SlabKind.Data).Select((slab, position) => (slab, position)))
            {
                var isMeasured = position % options.Ratio == 0;
                var (isLink, target) = Resolve(Path.GetDirectoryName(path)!, slab);
                part.Count(isLink);
                all.Count(isLink);
                if (!isMeasured)
                    continue;
                var size = new FileInfo(target).Length;
                part.SlabSizes.Add(size);
                all.SlabSizes.Add(size);
                if (!options.Tiles)
                    continue;
                var clock = Stopwatch.GetTimestamp();
                var sizes = ReadTileSizes(target, level.Slabs.Tiles);
                times.Add(Stopwatch.GetElapsedTime(clock).TotalSeconds);
                if (sizes.FirstOrDefault(one => one != 0) is var first and not 0)
                {
                    part.TileSizes.Add(first);
                    all.TileSizes.Add(first);
                }
            }

            if (part.Slabs > 0)
                levels[level.Id] = part.Show(options);
        }

        var statistics = new JsonObject { ["global"] = all.Show(options) };
        if (options.Tiles)
            statistics["perfs"] = Numbers(times, options);
        statistics["levels"] = levels;
        return statistics;
    }

    /// <summary>Whether a slab is a link, symbolic or of an object's kind, and the file that it stands for.</summary>
    private static (bool IsLink, string Target) Resolve(string folder, string slab)
    {
        var info = new FileInfo(slab);
        if (info.LinkTarget is not null)
            return (true, info.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target ? target.FullName : throw new DeliveryException($"{slab} is a link to {info.LinkTarget}, which is not there"));
        if (info.Length > LongestLink)
            return (false, slab);
        var text = Encoding.UTF8.GetString(File.ReadAllBytes(slab));
        if (!text.StartsWith("SYMLINK#", StringComparison.Ordinal))
            return (false, slab);
        var path = Path.GetFullPath(Path.Combine(folder, text[(text.IndexOf('/', StringComparison.Ordinal) + 1)..].Trim()));
        return (true, path.StartsWith(folder + "/", StringComparison.Ordinal) && File.Exists(path) ? path : throw new DeliveryException($"{slab} links to {text[8..].Trim()}, which is not there"));
    }

    private static uint[] ReadTileSizes(string slab, int tiles)
    {
        using var file = File.OpenHandle(slab);
        var bytes = new byte[4 * tiles];
        if (RandomAccess.Read(file, bytes, HeaderBytes + (4 * tiles)) != bytes.Length)
            throw new DeliveryException($"{slab} ends within its index: it was cut");
        return [.. Enumerable.Range(0, tiles).Select(tile => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * tile)))];
    }

    private static JsonArray Numbers(List<double> values, StatisticsOptions options) =>
        [.. (options.Deciles && values.Count > 1 ? s_deciles.Select(share => Quantile([.. values.Order()], share)) : values).Select(value => (JsonNode)value)];

    /// <summary>Linear between the two nearest values, as NumPy's default.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)Math.Floor(place);
        return below + 1 < sorted.Length ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[^1];
    }

    private sealed class Part
    {
        private long _links;

        public long Slabs { get; private set; }

        public List<double> SlabSizes { get; } = [];

        public List<double> TileSizes { get; } = [];

        public void Count(bool isLink)
        {
            Slabs++;
            _links += isLink ? 1 : 0;
        }

        public JsonObject Show(StatisticsOptions options)
        {
            var shown = new JsonObject { ["slab_count"] = Slabs, ["slab_sizes"] = Numbers(SlabSizes, options), ["link_count"] = _links };
            if (options.Tiles)
                shown["tile_sizes"] = Numbers(TileSizes, options);
            return shown;
        }
    }
}
