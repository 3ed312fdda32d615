using System.Reflection;

namespace Grid.Imaging.Styles;

/// <summary>The styles that every datastore has from its beginning: files of ROK4's form, kept in the program.</summary>
public static class DefaultStyles
{
    private const string Folder = "Grid.Imaging.Styles.Defaults.";

    /// <summary>Name and file of each, by name.</summary>
    public static IReadOnlyList<(string Name, byte[] File)> All { get; } = Load();

    private static IReadOnlyList<(string Name, byte[] File)> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name.EndsWith(".json", StringComparison.Ordinal))
            .Select(name =>
            {
                using var resource = assembly.GetManifestResourceStream(name)!;
                var file = new byte[resource.Length];
                resource.ReadExactly(file);
                return (Name: name[Folder.Length..^".json".Length], File: file);
            })
            .OrderBy(style => style.Name, StringComparer.Ordinal)];
    }
}
