namespace Grid.Frontend.Pages;

/// <summary>
/// The built pages (<c>npm run build</c> in <c>src/Frontend/web</c> writes them), read once and served from memory: a request can name no
/// file that was not there. Bounded by the size of the build, some 600 KB.
/// </summary>
public sealed class PageFolder
{
    /// <summary>Where the build puts the pages, seen from the folder of the project or of the program.</summary>
    public const string RelativePath = "wwwroot/dist";

    private readonly IReadOnlyList<string> _candidates;
    private readonly Lock _gate = new();
    private volatile Dictionary<string, PageFile>? _files;

    /// <param name="candidates">Folders to look in, the first that holds an <c>index.html</c> is taken.</param>
    public PageFolder(IReadOnlyList<string> candidates) => _candidates = candidates;

    /// <summary>The places where a checkout or an installed program has its pages.</summary>
    /// <param name="contentRoot">The host's content root.</param>
    public static PageFolder Locate(string contentRoot)
    {
        var candidates = new List<string> { Path.Combine(contentRoot, RelativePath) };
        // In a checkout the program lies some folders below the project (bin/<engine>/<configuration>/<framework>).
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        for (var depth = 0; depth < 6 && folder is not null; depth++, folder = folder.Parent)
            candidates.Add(Path.Combine(folder.FullName, RelativePath));
        return new PageFolder(candidates);
    }

    /// <summary>The file of a URL path such as <c>map.html</c> or <c>assets/map-1A2B.js</c>; null when there is none.</summary>
    /// <param name="path">No leading slash.</param>
    public PageFile? Find(string path) => Files()?.GetValueOrDefault(path);

    /// <summary>True when the pages have been built.</summary>
    public bool IsBuilt => Files() is not null;

    // An absent folder is looked for again at the next request, so that building the pages needs no restart.
    private Dictionary<string, PageFile>? Files()
    {
        if (_files is { } known)
            return known;
        lock (_gate)
        {
            return _files ??= _candidates.Where(f => File.Exists(Path.Combine(f, "index.html"))).Select(Load).FirstOrDefault();
        }
    }

    private static Dictionary<string, PageFile> Load(string folder) => Directory
        .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(file => (Path: file, Name: Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/')))
        .ToDictionary(file => file.Name, file => PageFile.Read(file.Path, hashed: file.Name.StartsWith("assets/", StringComparison.Ordinal)));
}
