using Grid.Cli.Lots;

namespace Grid.Benchmarks;

/// <summary>The rasters that a bench works on.</summary>
internal static class BenchLot
{
    /// <summary>CRS of the generated lots, and of any folder that is named instead.</summary>
    public const string Crs = "EPSG:2154";

    /// <summary>Paths of the lot's rasters; a lot that is named by its size is made first when it is not there.</summary>
    public static List<string> Files(BenchOptions options)
    {
        var folder = options.Lot is "small" or "medium" ? Path.Combine(options.Data, "lots", options.Lot) : options.Lot;
        if (!Directory.Exists(folder) || !Directory.EnumerateFiles(folder, "*.tif").Any())
            _ = options.Lot == "small" ? OrthoLot.GenerateSmall(folder) : OrthoLot.GenerateMedium(folder);
        return [.. Directory.EnumerateFiles(folder).Where(IsRaster).Order(StringComparer.Ordinal)];
    }

    private static bool IsRaster(string file) => Path.GetExtension(file) is ".tif" or ".jp2";
}
