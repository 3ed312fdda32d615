using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests;

/// <summary>A pyramid as it lies in a folder store: the descriptor, read by no code of the project, and the files.</summary>
public sealed class StoredPyramid
{
    private StoredPyramid(string folder, string descriptor)
    {
        Folder = folder;
        Name = Path.GetFileNameWithoutExtension(descriptor);
        Descriptor = JsonNode.Parse(File.ReadAllText(descriptor))!.AsObject();
    }

    /// <summary>Where descriptor and list lie.</summary>
    public string Folder { get; }

    public string Name { get; }

    public JsonObject Descriptor { get; }

    /// <summary>Slabs and masks: path below the pyramid's own folder, and content.</summary>
    public SortedDictionary<string, byte[]> Slabs
    {
        get
        {
            var root = Path.Combine(Folder, Name);
            return new SortedDictionary<string, byte[]>(
                Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(root, file), File.ReadAllBytes), StringComparer.Ordinal);
        }
    }

    /// <summary>The newest version of a stored data's pyramid.</summary>
    public static StoredPyramid Read(RunningGrid grid, string storedData)
    {
        var versions = FolderOf(grid, storedData);
        var newest = Directory.EnumerateDirectories(versions).MaxBy(version => int.Parse(Path.GetFileName(version)))!;
        return new StoredPyramid(newest, Directory.EnumerateFiles(newest, "*.json").Single());
    }

    /// <summary>The folder of a stored data's versions.</summary>
    public static string FolderOf(RunningGrid grid, string storedData) => Path.Combine(grid.Data, "objects", "pyramids", storedData);

    /// <summary>The entries of the list after its header, and the header's lines.</summary>
    public (IReadOnlyList<string> Header, IReadOnlyList<string> Entries) List()
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, Name + ".list"));
        var end = Array.IndexOf(lines, "#");
        return (lines[..end], lines[(end + 1)..]);
    }

    /// <summary>A level of the descriptor: inclusive limits in tiles.</summary>
    public (long MinCol, long MinRow, long MaxCol, long MaxRow) Limits(string level)
    {
        var limits = Descriptor["levels"]!.AsArray().Single(one => (string?)one!["id"] == level)!["tile_limits"]!;
        return ((long)limits["min_col"]!, (long)limits["min_row"]!, (long)limits["max_col"]!, (long)limits["max_row"]!);
    }

    /// <summary>Ids of the levels, coarsest first.</summary>
    public IReadOnlyList<string> Levels => [.. Descriptor["levels"]!.AsArray().Select(level => (string)level!["id"]!)];

    /// <summary>
    /// The path of the slab that holds a tile, by ROK4's rule for files: digits of column and row in base 36, interleaved, the last pair being the file's
    /// name and the two before folders.
    /// </summary>
    public string SlabOf(string level, long col, long row, string kind = "DATA")
    {
        var (x, y) = (Base36(col / 16), Base36(row / 16));
        var width = Math.Max(3, Math.Max(x.Length, y.Length));
        (x, y) = (x.PadLeft(width, '0'), y.PadLeft(width, '0'));
        var pairs = string.Concat(x.Zip(y, (a, b) => $"{a}{b}"));
        return Path.Combine(Folder, Name, kind, level, pairs[..^4], pairs[^4..^2], pairs[^2..] + ".tif");
    }

    private static string Base36(long number)
    {
        var digits = "";
        do
        {
            digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(int)(number % 36)] + digits;
            number /= 36;
        }
        while (number > 0);
        return digits;
    }
}
