using Npgsql;
using NpgsqlTypes;

namespace Grid.Frontend.Entrepot.Lists;

/// <summary>The <c>where</c> clause of a list and its parameters.</summary>
public sealed class ListFilter
{
    private readonly List<string> _conditions = [];
    private readonly List<object> _parameters = [];

    public string Sql => _conditions.Count == 0 ? "true" : string.Join(" and ", _conditions);

    /// <summary>Adds a condition, SQL written by code over the alias <c>t</c>.</summary>
    public void Add(string condition) => _conditions.Add($"({condition})");

    /// <summary>Adds a parameter and returns its name in SQL. NUL characters are left out: PostgreSQL takes none.</summary>
    public string Parameter(object value)
    {
        _parameters.Add(value switch
        {
            string text => text.Replace("\0", ""),
            string[] texts => texts.Select(text => text.Replace("\0", "")).ToArray(),
            _ => value,
        });
        return $"@p{_parameters.Count - 1}";
    }

    /// <summary>Equality, or a case-insensitive pattern when <paramref name="text"/> holds <c>%</c>; <c>_</c> is an ordinary character.</summary>
    public void AddText(string column, string text) => Add(text.Contains('%')
        ? $"{column} ilike {Parameter(text.Replace("\\", "\\\\").Replace("_", "\\_"))}"
        : $"{column} = {Parameter(text)}");

    internal void Bind(NpgsqlCommand command)
    {
        for (var i = 0; i < _parameters.Count; i++)
            command.Parameters.Add(_parameters[i] is DateTimeOffset date
                ? new NpgsqlParameter($"p{i}", NpgsqlDbType.TimestampTz) { Value = date }
                : new NpgsqlParameter($"p{i}", _parameters[i]));
    }
}
