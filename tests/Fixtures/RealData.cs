using Xunit;

namespace Grid.Fixtures;

/// <summary>Real files of producers and peers, read from a folder outside the repository.</summary>
public static class RealData
{
    /// <summary>The folder: <c>GRID_TEST_DATA</c>, else <c>../shared/data</c> beside the checkout; null when it is absent.</summary>
    public static string? Root { get; } = Find();

    /// <summary>The path of a file or folder of the data.</summary>
    public static string PathOf(string relative) =>
        Path.Combine(Root ?? throw new DirectoryNotFoundException("GRID_TEST_DATA names no folder of real files."), relative);

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("GRID_TEST_DATA") is { Length: > 0 } named)
            return Directory.Exists(named) ? named : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Grid.sln")))
            {
                var beside = Path.Combine(folder.Parent?.FullName ?? "/", "shared", "data");
                return Directory.Exists(beside) ? beside : null;
            }
        }

        return null;
    }
}

/// <summary>A fact about real files: skipped at a desk that lacks them, run (and so failed) where <c>CI</c> is set.</summary>
public sealed class RealDataFactAttribute : FactAttribute
{
    public RealDataFactAttribute()
    {
        if (RealData.Root is null && Environment.GetEnvironmentVariable("CI") is null)
            Skip = "needs the folder of real files: set GRID_TEST_DATA";
    }
}

/// <summary>A theory about real files: skipped at a desk that lacks them, run (and so failed) where <c>CI</c> is set.</summary>
public sealed class RealDataTheoryAttribute : TheoryAttribute
{
    public RealDataTheoryAttribute()
    {
        if (RealData.Root is null && Environment.GetEnvironmentVariable("CI") is null)
            Skip = "needs the folder of real files: set GRID_TEST_DATA";
    }
}
