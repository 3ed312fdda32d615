namespace Grid.Imaging.Inspection;

/// <summary>
/// Findings while they are looked for: a few of each kind with their sentences, the rest as a count, so that a lot of thousands of rasters on one
/// place, which has millions, takes no more memory than another.
/// </summary>
internal sealed class LotFindings
{
    private readonly Dictionary<(FindingSeverity Severity, FindingKind Kind), OfAKind> _kinds = [];

    /// <param name="sentence">Called for those that are listed only.</param>
    public void Add(FindingSeverity severity, FindingKind kind, IReadOnlyList<string> files, Func<string> sentence)
    {
        if (!_kinds.TryGetValue((severity, kind), out var found))
            _kinds.Add((severity, kind), found = new OfAKind());
        if (found.Listed.Count < LotInspector.MaxOfAKind)
        {
            found.Listed.Add(new LotFinding(severity, kind, files, sentence()));
            return;
        }

        if (found.More++ == 0)
            found.FirstOfMore = sentence();
        for (var i = 0; i < files.Count && found.FilesOfMore.Count < LotInspector.MaxOfAKind; i++)
        {
            if (!found.FilesOfMore.Contains(files[i]))
                found.FilesOfMore.Add(files[i]);
        }
    }

    public void Warn(FindingKind kind, IReadOnlyList<string> files, Func<string> sentence) => Add(FindingSeverity.Warning, kind, files, sentence);

    /// <summary>Errors first, then by kind, then in the order they were added; what is not listed is counted in one more of its kind.</summary>
    public IReadOnlyList<LotFinding> ToList()
    {
        var all = new List<LotFinding>();
        foreach (var ((severity, kind), found) in _kinds.OrderByDescending(entry => entry.Key.Severity).ThenBy(entry => entry.Key.Kind))
        {
            all.AddRange(found.Listed);
            if (found.More > 0)
                all.Add(new LotFinding(severity, kind, found.FilesOfMore, $"{found.More} more findings of the kind {kind}, the first of them: {found.FirstOfMore}"));
        }

        return all;
    }

    private sealed class OfAKind
    {
        public List<LotFinding> Listed { get; } = [];

        public long More { get; set; }

        public string FirstOfMore { get; set; } = "";

        public List<string> FilesOfMore { get; } = [];
    }
}
