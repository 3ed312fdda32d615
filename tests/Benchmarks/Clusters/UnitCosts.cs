using System.Diagnostics;
using Grid.Imaging;
using Grid.Imaging.Codecs;
using Grid.Imaging.Gdal;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Resampling;
using Grid.Imaging.Slabs;
using Grid.Imaging.Sources;
using Grid.Tiling;

namespace Grid.Benchmarks.Clusters;

/// <summary>What a tile of each kind costs on this machine, measured over all regions of a lot, one thread, sources in the page cache.</summary>
/// <param name="Warp">Core seconds of a tile made from the sources.</param>
/// <param name="Mean">Core seconds of a tile made from four that were in memory.</param>
/// <param name="Reread">Core seconds of a tile made from four that are read from the store.</param>
/// <param name="TileBytes">Bytes of an encoded tile.</param>
/// <param name="HandoverBytes">Bytes that a region's root hands over for each of its tiles.</param>
/// <param name="Header">Core seconds of reading a raster's header.</param>
internal sealed record UnitCosts(double Warp, double Mean, double Reread, double TileBytes, double HandoverBytes, double Header)
{
    private const string Mercator = "EPSG:3857";
    private const int Headers = 400;

    /// <summary>Measures with bicubic and JPEG 90, as the ortho-photo of the platform in service is made.</summary>
    public static UnitCosts Measure(IReadOnlyList<string> files, string crs)
    {
        List<(string, string)> rasters = [.. files.Select(file => (file, Path.GetFileName(file)))];
        using var sources = LotSources.Open(rasters, crs);
        var clock = Cpu();
        for (var i = 0; i < Headers; i += files.Count)
            LotSources.Inspect(rasters, crs, 1);
        var header = (Cpu() - clock) / Headers;
        var set = TileMatrixSets.Find("PM")!;
        var images = CrsExtent.Images([.. sources.RasterExtents], crs, Mercator, 1);
        var bottom = set.ForResolution(sources.CellSize * images[0].Image.Width / sources.RasterExtents.First().Width);
        var plan = new PyramidPlan(set, bottom.Id, set.Matrices[0].Id, SlabSize.Default, [.. images.Select(image => image.Image)]);
        var format = new PyramidBuildFormat(
            new SlabFormat(TileCompression.Jpeg90, sources.Format, SlabSize.Default, [.. Enumerable.Repeat(255.0, sources.Format.Channels)]), false, Interpolation.Bicubic);
        var kept = new Dictionary<(SlabIndex, StoredPart), byte[]>();
        var kinds = new (double Seconds, long Tiles)[3];
        long bytes = 0, tiles = 0, handed = 0, handedTiles = 0;
        foreach (var tier in plan.Tiers)
        {
            foreach (var region in plan.Regions(tier))
            {
                using var build = tier.SourceLevel is null
                    ? RegionBuild.FromRasters(plan, region, format, sources, () => new GdalCoordinateTransform(Mercator, crs))
                    : RegionBuild.FromStoredLevel(plan, region, format, (slab, part) => kept.TryGetValue((slab, part), out var found) ? (ReadOnlyMemory<byte>?)found : null);
                for (var began = Cpu(); build.TryBuildNext(default, out var slab); began = Cpu())
                {
                    using (slab)
                    {
                        var kind = slab.Slab.Level != tier.BaseLevel ? 1 : tier.SourceLevel is null ? 0 : 2;
                        kinds[kind] = (kinds[kind].Seconds + Cpu() - began, kinds[kind].Tiles + slab.Tiles);
                        (bytes, tiles) = (bytes + slab.Data.Length, tiles + slab.Tiles);
                        kept[(slab.Slab, StoredPart.Data)] = slab.Data.Memory.ToArray();
                        if (slab.Handover is not { } handover)
                            continue;
                        (handed, handedTiles) = (handed + handover.Mask.Length + (handover.Halves?.Length ?? 0), handedTiles + slab.Tiles);
                        kept[(slab.Slab, StoredPart.HandoverMask)] = handover.Mask.Memory.ToArray();
                        if (handover.Halves is { } halves)
                            kept[(slab.Slab, StoredPart.HandoverHalves)] = halves.Memory.ToArray();
                    }
                }
            }
        }

        return new UnitCosts(Each(0), Each(1), Each(2), (double)bytes / tiles, (double)handed / Math.Max(1, handedTiles), header);

        double Each(int kind) => kinds[kind].Seconds / Math.Max(1, kinds[kind].Tiles);
    }

    /// <summary>Core seconds of this process so far, compiling and collecting included: they are part of what a silo does.</summary>
    public static double Cpu() => Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
}
