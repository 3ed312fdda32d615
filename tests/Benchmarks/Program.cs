using Grid.Benchmarks;
using Grid.Benchmarks.Kernels;

return args switch
{
    ["raster", .. var rest] => await RasterBench.RunAsync(BenchOptions.Parse(rest)),
    ["serve", .. var rest] => await ServeBench.RunAsync(BenchOptions.Parse(rest)),
    ["kernels"] => RunKernels(),
    _ => BenchOptions.Usage(),
};

static int RunKernels()
{
    KernelBenchmark.Run(Console.Out);
    return 0;
}
