using Grid.Frontend.Entrepot.Http;
using Grid.Interfaces.Catalogue;

namespace Grid.Frontend.Entrepot.Lists;

/// <summary>
/// What a list can be filtered and sorted by, declared once a resource. Column arguments are SQL over the row alias <c>t</c> written by code,
/// never input; what callers send is always a parameter. Parameters that are not declared are ignored.
/// </summary>
/// <param name="table">The qualified table, for example <c>catalogue.upload</c>.</param>
public sealed class EntityList(string table)
{
    private readonly List<Action<IQueryCollection, ListFilter>> _filters = [];
    private readonly Dictionary<string, string> _sorts = new()
    {
        ["creation"] = "t.creation", ["update"] = "t.update",
    };

    public string Table { get; } = table;

    /// <summary>The order when the caller asks for none.</summary>
    public string DefaultSort { get; private set; } = "t.creation desc";

    /// <summary>A text: equality, or a case-insensitive pattern when the value holds <c>%</c>.</summary>
    public EntityList Text(string parameter, string? column = null) => With((query, filter) =>
    {
        if (query.Text(parameter) is { } text)
            filter.AddText(column ?? $"t.{parameter}", text);
    });

    /// <summary>A word or any of several, in any letter case.</summary>
    public EntityList Choice(string parameter, string? column = null) => With((query, filter) =>
    {
        if (query.List(parameter) is { Count: > 0 } words)
            filter.Add($"upper({column ?? $"t.{parameter}"}) = any({filter.Parameter(words.Select(word => word.ToUpperInvariant()).ToArray())})");
    });

    /// <summary>An id or any of several; a value that is not a UUID matches nothing.</summary>
    public EntityList Id(string parameter, string? column = null) => With((query, filter) =>
    {
        if (query.List(parameter) is { Count: > 0 } texts)
            filter.Add($"{column ?? $"t.{parameter}"} = any({filter.Parameter(Ids(texts))})");
    });

    /// <summary>An id within an array column.</summary>
    public EntityList IdWithin(string parameter, string arrayColumn) => With((query, filter) =>
    {
        if (query.List(parameter) is { Count: > 0 } texts)
            filter.Add($"{arrayColumn} && {filter.Parameter(Ids(texts))}");
    });

    /// <summary>A boolean, leniently; one that cannot be read is ignored.</summary>
    public EntityList Flag(string parameter, string? column = null) => With((query, filter) =>
    {
        if (query.Flag(parameter) is { } flag)
            filter.Add($"{column ?? $"t.{parameter}"} = {filter.Parameter(flag)}");
    });

    /// <summary>A bound on a date: <paramref name="comparison"/> is <c>&gt;=</c> or <c>&lt;=</c>.</summary>
    public EntityList Date(string parameter, string column, string comparison) => With((query, filter) =>
    {
        if (query.Text(parameter) is not { } text)
            return;
        if (!DateTimeOffset.TryParse(text, null, System.Globalization.DateTimeStyles.AssumeUniversal, out var date))
            throw new InvalidInputException($"{parameter}={text}: a date of ISO 8601 is expected.");
        filter.Add($"{column} {comparison} {filter.Parameter(date.ToUniversalTime())}");
    });

    /// <summary>The tags: <c>tags[key]=value</c>, several at once must all match.</summary>
    public EntityList Tags() => With((query, filter) =>
    {
        foreach (var (key, value) in query.Pairs("tags"))
            filter.AddText($"t.tags->>{filter.Parameter(key)}", value);
    });

    /// <summary>A filter of the resource's own.</summary>
    public EntityList With(Action<IQueryCollection, ListFilter> filter)
    {
        _filters.Add(filter);
        return this;
    }

    /// <summary>More columns to sort by, besides <c>creation</c> and <c>update</c>.</summary>
    public EntityList SortedBy(params string[] columns)
    {
        foreach (var column in columns)
            _sorts[column] = $"t.{column}";
        return this;
    }

    /// <summary>The order when the caller asks for none, as SQL over <c>t</c>.</summary>
    public EntityList SortedAtFirstBy(string sql)
    {
        DefaultSort = sql;
        return this;
    }

    internal void Apply(IQueryCollection query, ListFilter filter)
    {
        foreach (var apply in _filters)
            apply(query, filter);
    }

    /// <summary>The order for <c>sort=field,desc</c>; the default for a field that cannot be sorted by. Ties fall on the id.</summary>
    internal string OrderBy(IQueryCollection query)
    {
        var parts = query.List("sort");
        if (parts.Count == 0 || !_sorts.TryGetValue(parts[0], out var column))
            return DefaultSort;
        return parts.Count > 1 && parts[1].Equals("desc", StringComparison.OrdinalIgnoreCase) ? $"{column} desc" : column;
    }

    private static Guid[] Ids(IReadOnlyList<string> texts) =>
        [.. texts.Select(text => Guid.TryParse(text, out var id) ? id : (Guid?)null).OfType<Guid>()];
}
