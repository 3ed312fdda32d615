namespace Grid.Fixtures;

/// <summary>The checkout that the tests were built from.</summary>
public static class Sources
{
    /// <summary>The full path of a folder or file of the checkout.</summary>
    /// <param name="path">Relative to its top.</param>
    public static string Folder(string path)
    {
        var top = new DirectoryInfo(AppContext.BaseDirectory);
        while (top is not null && !File.Exists(Path.Combine(top.FullName, "Grid.sln")))
            top = top.Parent;
        return Path.Combine(top?.FullName ?? throw new DirectoryNotFoundException("No Grid.sln above the tests."), path);
    }
}
