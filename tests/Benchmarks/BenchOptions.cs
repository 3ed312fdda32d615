namespace Grid.Benchmarks;

/// <summary>What a bench is told on its command line.</summary>
/// <param name="Data">Folder for lots, pyramids and peers' outputs; kept, so that a second run need not make the lot again.</param>
/// <param name="Lot">small, medium or a folder of TIFFs.</param>
/// <param name="Cli">Path of Grid.Cli.dll.</param>
/// <param name="Server">Path of Grid.Frontend.dll.</param>
internal sealed record BenchOptions(string Data, string Lot, string Cli, string Server)
{
    /// <summary>Kernel that the lot's pyramid is made with, and that its maps are drawn with.</summary>
    public string Interpolation { get; init; } = "bicubic";

    public static BenchOptions Parse(string[] args)
    {
        var values = new Dictionary<string, string>();
        for (var i = 0; i + 1 < args.Length; i += 2)
            values[args[i].TrimStart('-')] = args[i + 1];
        var top = TopFolder();
        return new BenchOptions(
            Path.GetFullPath(values.GetValueOrDefault("data", Path.Combine(top, "data", "bench"))),
            values.GetValueOrDefault("lot", "medium"),
            values.GetValueOrDefault("cli", Built(top, "Cli")),
            values.GetValueOrDefault("server", Built(top, "Frontend")));
    }

    /// <summary>The value after <c>--name</c>; null when it is not there.</summary>
    public static string? Find(string[] args, string name)
    {
        var at = Array.IndexOf(args, "--" + name);
        return at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }

    /// <summary>As <see cref="Find"/>, a number; <paramref name="absent"/>, or the number of processors, when it is not there.</summary>
    public static int Number(string[] args, string name, int? absent = null) =>
        Find(args, name) is { } text ? Number("--" + name, text) : absent ?? Environment.ProcessorCount;

    /// <summary>Numbers between commas.</summary>
    public static List<int> Numbers(string text) => [.. text.Split(',').Select(number => Number("--sizes", number))];

    private static int Number(string option, string text) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"{option} is \"{text}\": a whole number is expected.");

    public static int Usage()
    {
        Console.Error.WriteLine("Usage: bench raster|serve|wms|lidar|build|update|kernels|floor [--lot small|medium|FOLDER] [--data DIR]");
        Console.Error.WriteLine("       bench raster --sizes 100,400,1600,4000: megapixels of lots that it makes, builds one after the other and deletes");
        Console.Error.WriteLine("       bench raster --format jp2|jpeg: what the lot takes when its files are compressed so");
        Console.Error.WriteLine("       bench lidar takes --points N for the clouds that it makes, or --lot FOLDER of LAZ files");
        Console.Error.WriteLine("       bench lidar --build [--points 10,50,200] [--outputs block|tiles|both|tileset] [--serve] builds COPC files of blocks of so many million points, with --serve by a server too");
        Console.Error.WriteLine("       bench soak [--minutes N] [--tile-clients N] [--map-clients N]");
        Console.Error.WriteLine("       bench serve --overload: more connections than can be served at once, and more reads than are allowed");
        Console.Error.WriteLine("       bench serve --during-build: what visitors see while a lot is delivered and built");
        Console.Error.WriteLine("       bench build takes --store DIR, --regions N and --threads N too");
        Console.Error.WriteLine("       bench update makes a lot of a hundred dalles of --size N pixels (2500) of its own");
        Console.Error.WriteLine("       bench loss [--runs N] [--seed N] [--silos N]: kills a silo in each of some builds");
        Console.Error.WriteLine("       bench scale [--lot small|medium|FOLDER] [--times N]: one silo on one core, two on two, one process on two");
        Console.Error.WriteLine("       bench simulate --lot guyane [--silos 64] [--cores 8] [--store-mb 500] [--regions N a silo] [--measure small|medium|FOLDER] [--seed N]");
        return 2;
    }

    private static string Built(string top, string project) =>
        Path.Combine(top, "src", project, "bin", "programs", $"Grid.{project}.dll");

    private static string TopFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Grid.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? Directory.GetCurrentDirectory();
    }
}
