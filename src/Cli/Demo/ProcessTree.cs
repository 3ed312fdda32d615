using System.Globalization;

namespace Grid.Cli.Demo;

/// <summary>A process and all its descendants, as Linux's /proc shows them (proc(5)).</summary>
public static class ProcessTree
{
    /// <summary>
    /// Resident memory of the trees in bytes. Pages that are private or of files are summed over the processes; shared memory is counted once, as
    /// the largest that any process has resident, since PostgreSQL's processes all map the same.
    /// </summary>
    /// <param name="roots">Ids of the first processes.</param>
    public static long ResidentBytes(IReadOnlyCollection<int> roots)
    {
        long sum = 0, shared = 0;
        foreach (var process in Descendants(roots))
        {
            var (own, common) = Resident(process);
            sum += own;
            shared = Math.Max(shared, common);
        }

        return sum + shared;
    }

    private static HashSet<int> Descendants(IReadOnlyCollection<int> roots)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var process) || ParentOf(process) is not { } parent)
                continue;
            if (!children.TryGetValue(parent, out var siblings))
                children[parent] = siblings = [];
            siblings.Add(process);
        }

        var found = new HashSet<int>();
        var pending = new Stack<int>(roots);
        while (pending.TryPop(out var process))
        {
            if (!found.Add(process) || !children.TryGetValue(process, out var own))
                continue;
            foreach (var child in own)
                pending.Push(child);
        }

        return found;
    }

    private static int? ParentOf(int process)
    {
        try
        {
            // The second field, the name in brackets, may hold blanks and brackets itself.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (long Own, long Shared) Resident(int process)
    {
        long own = 0, shared = 0;
        try
        {
            foreach (var line in File.ReadLines($"/proc/{process}/status"))
            {
                if (line.StartsWith("RssAnon:", StringComparison.Ordinal) || line.StartsWith("RssFile:", StringComparison.Ordinal))
                    own += Kibibytes(line) * 1024;
                else if (line.StartsWith("RssShmem:", StringComparison.Ordinal))
                    shared = Kibibytes(line) * 1024;
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return (0, 0);
        }

        return (own, shared);
    }

    private static long Kibibytes(string line) =>
        long.Parse(line.AsSpan(line.IndexOf(':') + 1).TrimEnd("kB").Trim(), NumberStyles.Integer, CultureInfo.InvariantCulture);
}
