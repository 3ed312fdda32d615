using Grid.Benchmarks;

return args switch
{
    ["raster", .. var rest] => await RasterBench.RunAsync(BenchOptions.Parse(rest)),
    ["serve", .. var rest] => await ServeBench.RunAsync(BenchOptions.Parse(rest)),
    _ => BenchOptions.Usage(),
};
