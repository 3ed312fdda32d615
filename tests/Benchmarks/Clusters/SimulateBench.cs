using System.Text.Json;
using Grid.Grains.Pyramids;
using Grid.Imaging.Gdal;
using Grid.Imaging.Pyramids;
using Grid.Imaging.Sources;
using Grid.Interfaces.Pyramids;
using Grid.Storage.FileSystem;
using Grid.Tiling;

namespace Grid.Benchmarks.Clusters;

/// <summary>
/// Foretells a build of a large lot on a cluster: plans it with the code that plans builds, and schedules its regions with the code that schedules them, on a
/// virtual clock, by unit costs measured here. The last line is one JSON object.
/// </summary>
internal static class SimulateBench
{
    private const string Mercator = "EPSG:3857";
    private const double BytesPerSourcePixel = 3;
    private const double Spread = 0.15;

    /// <param name="measured">The lot that unit costs are measured on.</param>
    /// <param name="regionsPerSilo">Places for regions on each silo.</param>
    public static int Run(BenchOptions measured, int silos, int cores, int regionsPerSilo, int megabytesPerSecond, int seed)
    {
        Console.WriteLine($"Measuring unit costs on the {measured.Lot} lot, one thread…");
        var files = BenchLot.Files(measured);
        var costs = UnitCosts.Measure(files, BenchLot.Crs);
        Console.WriteLine(
            $"A tile: {costs.Warp * 1e3:0.00} ms from sources, {costs.Mean * 1e3:0.00} ms from four in memory, {costs.Reread * 1e3:0.00} ms from four in the store; {costs.TileBytes / 1e3:0.0} kB. A header: {costs.Header * 1e3:0.00} ms.");

        var dalles = GuyaneLot.Dalles();
        var inputPixels = dalles.Count * Math.Pow(dalles[0].Width / GuyaneLot.PixelMetres, 2);
        var clock = UnitCosts.Cpu();
        var images = CrsExtent.Images(dalles, GuyaneLot.Crs, Mercator, Environment.ProcessorCount);
        var imaging = UnitCosts.Cpu() - clock;
        var set = TileMatrixSets.Find("PM")!;
        var resolution = GuyaneLot.PixelMetres * images[0].Image.Width / dalles[0].Width;
        var bottom = set.ForResolution(resolution);
        clock = UnitCosts.Cpu();
        var plan = new PyramidPlan(set, bottom.Id, set.Matrices[0].Id, SlabSize.Default, [.. images.Select(image => image.Image)]);
        var planning = UnitCosts.Cpu() - clock;
        clock = UnitCosts.Cpu();
        var order = JsonSerializer.SerializeToUtf8Bytes<IReadOnlyList<SourceRaster>>(
            [.. dalles.Select((dalle, i) => new SourceRaster($"uploads/{Guid.Empty}/data/ORT_{dalle.MinX / 1000:0000}_{dalle.MaxY / 1000:0000}.tif", $"ORT_{i:000000}.tif"))]);
        var ordering = UnitCosts.Cpu() - clock;
        Console.WriteLine(
            $"{dalles.Count} dalles, {inputPixels:0.00e0} pixels; level {bottom.Id}, {plan.Slabs} slabs, {plan.Tiers[0].Regions} regions in the first of {plan.Tiers.Count} tiers.");
        var parsing = ParsingSeconds(files[0], dalles);
        Console.WriteLine(
            $"Planning, in core seconds: {parsing:0.00} s for the headers that the check has kept, {imaging:0.00} s for the rectangles' images, {planning:0.00} s for the slab tree, {ordering:0.00} s for the order ({order.Length / 1e6:0.0} MB).");

        var machines = new Machines(silos, cores, megabytesPerSecond * 1e6, StoreSeconds: 0.01, CallSeconds: 0.01, WriteSeconds: 0.005, DeleteSeconds: 0.001);
        var sourceBytesPerTile = bottom.TileWidth * bottom.TileHeight * Math.Pow(bottom.CellSize / resolution, 2) * BytesPerSourcePixel;
        // Images are made on all cores of a silo. The check of the upload has kept the headers; the build opens the lot, then each silo.
        var opening = parsing + (imaging / cores) + planning + (2 * machines.StoreSeconds);
        var options = new PyramidBuildOptions { RegionsPerSilo = regionsPerSilo, Threads = cores, RegionsInFlight = regionsPerSilo };
        var build = new BuildSimulation(plan, costs, machines, options, sourceBytesPerTile, Spread, seed);
        var regions = build.Run(opening + ordering, opening + ordering);
        var closing = build.ClosingSeconds;
        var makespan = regions + closing;
        // What cannot be gone below: all cores busy all the time, or all ways to the store.
        var (byCores, byStore) = (build.CoreSeconds / (silos * cores), build.Bytes / (silos * machines.BytesPerSecond));
        var efficiency = Math.Max(byCores, byStore) / makespan;
        var (messages, writes) = (build.Messages.Values.Max(), build.Writes.Values.Max());
        Console.WriteLine(
            $"{silos} silos of {cores} cores and {megabytesPerSecond} MB/s: {makespan:0} s, of which {2 * (opening + ordering):0.0} s to plan and to open the lot and {closing:0.0} s to close the pyramid; tiers end at {string.Join(", ", build.TierEnds.Select(end => $"{end:0.0}"))} s.");
        Console.WriteLine($"The cores alone would need {byCores:0.0} s, the store {byStore:0.0} s. Seed {seed}; slabs differ by {Spread:P0}.");
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            bench = "simulate",
            lot = "guyane",
            silos,
            cores,
            regions_per_silo = regionsPerSilo,
            megabytes_per_second = megabytesPerSecond,
            input_pixels = inputPixels,
            slabs = plan.Slabs,
            regions = build.RegionsDone,
            makespan_seconds = Math.Round(makespan, 1),
            efficiency = Math.Round(efficiency, 3),
            core_bound_seconds = Math.Round(byCores, 1),
            store_bound_seconds = Math.Round(byStore, 1),
            opening_seconds = Math.Round(2 * (opening + ordering), 1),
            closing_seconds = Math.Round(closing, 1),
            peak_messages_per_second = messages,
            mean_messages_per_second = Math.Round(build.Messages.Values.Sum() / makespan, 1),
            peak_writes_per_second = writes,
            mean_writes_per_second = Math.Round(build.Writes.Values.Sum() / makespan, 1),
        }));
        return 0;
    }

    // Every dalle's header, as a build finds them in the store.
    private static double ParsingSeconds(string file, List<Extent> dalles)
    {
        var header = LotSources.Inspect([(file, Path.GetFileName(file))], BenchLot.Crs, 1)[0];
        var folder = Directory.CreateTempSubdirectory("grid-headers-").FullName;
        try
        {
            var store = new FileObjectStore(folder);
            var order = new PyramidBuildOrder
            {
                PyramidName = "p", StoragePrefix = "p", SourceCrs = GuyaneLot.Crs, TileMatrixSet = "PM", Compression = "jpg90", Interpolation = "bicubic",
                Sources = [.. dalles.Select((_, i) => new SourceRaster($"{i}", $"{i}"))],
            };
            LotHeaders.WriteAsync(store, order, [.. dalles.Select((_, i) => header with { Name = $"ORT_{i:000000}.tif" })]).GetAwaiter().GetResult();
            var clock = UnitCosts.Cpu();
            LotHeaders.ReadAsync(store, order).GetAwaiter().GetResult();
            return UnitCosts.Cpu() - clock;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
