namespace Grid.PointCloud.Inspection;

/// <summary>
/// What is found while the files of a block are compared: a few findings of each kind with their sentences, the rest as a number, so that thousands of files
/// on one place, which overlap a million times, take no more memory than a few.
/// </summary>
internal sealed class BlockFindings
{
    private readonly SortedDictionary<(int Rank, CloudFindingKind Kind), Kept> _kinds = [];

    /// <param name="sentence">Called for what is listed only.</param>
    public void Add(CloudSeverity severity, CloudFindingKind kind, IReadOnlyList<string> files, Func<string> sentence)
    {
        var key = (-(int)severity, kind);
        if (!_kinds.TryGetValue(key, out var kept))
            _kinds.Add(key, kept = new Kept());
        if (kept.Listed.Count <= BlockInspector.MaxOfAKind)
            kept.Listed.Add(new CloudFinding(severity, kind, files, sentence()));
        kept.Count++;
        if (kept.Count > BlockInspector.MaxOfAKind)
            kept.FilesOfMore.UnionWith(files.Take(BlockInspector.MaxOfAKind - kept.FilesOfMore.Count));
    }

    public void Warn(CloudFindingKind kind, IReadOnlyList<string> files, Func<string> sentence) => Add(CloudSeverity.Warning, kind, files, sentence);

    /// <summary>Errors first, then by kind, then in the order they were added; what is not listed is counted in one more of its kind.</summary>
    public IReadOnlyList<CloudFinding> ToList()
    {
        var all = new List<CloudFinding>();
        foreach (var kept in _kinds.Values)
        {
            all.AddRange(kept.Listed.Take(BlockInspector.MaxOfAKind));
            if (kept.Count <= BlockInspector.MaxOfAKind)
                continue;
            var first = kept.Listed[^1];
            all.Add(first with
            {
                Files = [.. kept.FilesOfMore],
                Sentence = $"{kept.Count - BlockInspector.MaxOfAKind} more findings of the kind {first.Kind}, the first of them: {first.Sentence}",
            });
        }

        return all;
    }

    /// <summary>The findings of one kind: those that are listed and one more, how many there are, and files of those that are not listed.</summary>
    private sealed class Kept
    {
        public List<CloudFinding> Listed { get; } = [];

        public long Count { get; set; }

        public HashSet<string> FilesOfMore { get; } = [];
    }
}
