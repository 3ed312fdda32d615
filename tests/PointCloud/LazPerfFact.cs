namespace Grid.PointCloud.Tests;

/// <summary>A fact that needs laz-perf, of the npm packages of tests/Benchmarks: skipped at a desk that lacks it, run (and so failed) where <c>CI</c> is set.</summary>
public sealed class LazPerfFactAttribute : FactAttribute
{
    public LazPerfFactAttribute()
    {
        if (!Directory.Exists(Path.Combine(Path.GetDirectoryName(Script)!, "..", "node_modules", "laz-perf")) && Environment.GetEnvironmentVariable("CI") is null)
            Skip = "needs laz-perf: npm ci in tests/Benchmarks";
    }

    /// <summary>Prints what laz-perf reads.</summary>
    public static string Script { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Grid.sln")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? "", "tests", "Benchmarks", "Lidar", "lazperf.mjs");
    }
}
