using Grid.Benchmarks;
using Grid.Benchmarks.Builds;
using Grid.Benchmarks.Clusters;
using Grid.Benchmarks.Kernels;
using Grid.Benchmarks.Lidar;
using Grid.Benchmarks.Maps;
using Grid.Benchmarks.Serving;
using Grid.Benchmarks.Soak;

try
{
    return await RunAsync(args);
}
catch (Exception wrong) when (wrong is FormatException or OverflowException or ArgumentException or IOException)
{
    await Console.Error.WriteLineAsync($"bench: {wrong.Message}");
    return 2;
}

static async Task<int> RunAsync(string[] args) => args switch
{
    ["raster", .. var rest] when BenchOptions.Find(rest, "sizes") is { } sizes => await SizesBench.RunAsync(BenchOptions.Parse(rest), BenchOptions.Numbers(sizes)),
    ["raster", .. var rest] when BenchOptions.Find(rest, "format") is { } format => await FormatBench.RunAsync(BenchOptions.Parse(rest), format),
    ["raster", .. var rest] => await RasterBench.RunAsync(BenchOptions.Parse(rest)),
    ["serve", .. var rest] when rest.Contains("--overload") => await OverloadBench.RunAsync(BenchOptions.Parse([.. rest.Where(argument => argument != "--overload")])),
    ["serve", .. var rest] when rest.Contains("--during-build") => await BuildingBench.RunAsync(BenchOptions.Parse([.. rest.Where(argument => argument != "--during-build")])),
    ["serve", .. var rest] => await ServeBench.RunAsync(BenchOptions.Parse(rest)),
    ["build", .. var rest] => await BuildBench.RunAsync(
        BenchOptions.Parse(rest), BenchOptions.Find(rest, "store"), BenchOptions.Number(rest, "regions"), BenchOptions.Number(rest, "threads", 1)),
    ["lidar", "--build-one", var lot, .. var rest] => await CloudBuildBench.BuildOneAsync(BenchOptions.Parse(rest), lot, BenchOptions.Find(rest, "outputs") ?? "block"),
    ["lidar", "--build", .. var rest] => await CloudBuildBench.RunAsync(
        BenchOptions.Parse([.. rest.Where(argument => argument != "--serve")]), BenchOptions.Find(rest, "points") ?? "10,50", BenchOptions.Find(rest, "outputs"), rest.Contains("--serve")),
    ["lidar", .. var rest] => await LidarBench.RunAsync(BenchOptions.Parse(rest), BenchOptions.Number(rest, "points", 1_000_000)),
    ["soak", .. var rest] => await SoakBench.RunAsync(
        BenchOptions.Parse(rest).Server, BenchOptions.Number(rest, "minutes", 60), BenchOptions.Number(rest, "tile-clients", 8), BenchOptions.Number(rest, "map-clients", 2)),
    ["update", .. var rest] => await UpdateBench.RunAsync(BenchOptions.Parse(rest), BenchOptions.Number(rest, "size", 2500)),
    ["wms", .. var rest] => await WmsBench.RunAsync(BenchOptions.Parse(rest)),
    ["loss", .. var rest] => await LossBench.RunAsync(
        BenchOptions.Number(rest, "runs", 20), BenchOptions.Find(rest, "seed") is null ? null : BenchOptions.Number(rest, "seed"), BenchOptions.Number(rest, "silos", 3)),
    ["scale", .. var rest] => await ScaleBench.RunAsync(BenchOptions.Parse(rest), BenchOptions.Number(rest, "times", 3)),
    ["simulate", .. var rest] => SimulateBench.Run(
        BenchOptions.Parse([.. rest, "--lot", BenchOptions.Find(rest, "measure") ?? "small"]), BenchOptions.Number(rest, "silos", 64), BenchOptions.Number(rest, "cores", 8),
        BenchOptions.Number(rest, "regions", 3 * BenchOptions.Number(rest, "cores", 8) / 2), BenchOptions.Number(rest, "store-mb", 500), BenchOptions.Number(rest, "seed", 1)),
    ["kernels"] => RunKernels(),
    ["floor", .. var rest] => FloorBench.Run(BenchOptions.Parse(rest)),
    _ => BenchOptions.Usage(),
};

static int RunKernels()
{
    KernelBenchmark.Run(Console.Out);
    return 0;
}
