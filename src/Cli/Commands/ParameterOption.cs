using System.CommandLine;
using System.Text.Json.Nodes;

namespace Grid.Cli.Commands;

/// <summary><c>--set NAME=VALUE</c>: any parameter of a processing.</summary>
internal sealed class ParameterOption
{
    private readonly Option<string[]> _option;

    /// <param name="description">What the parameters are of.</param>
    public ParameterOption(string description)
    {
        _option = new Option<string[]>("--set") { Description = description };
        _option.Validators.Add(given =>
        {
            foreach (var token in given.Tokens.Where(token => token.Value.IndexOf('=', StringComparison.Ordinal) <= 0))
                given.AddError($"--set {token.Value}: a parameter is written NAME=VALUE");
        });
    }

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Add(_option);

    /// <summary>The parameters as given; of one given twice the last.</summary>
    public JsonObject Read(ParseResult given)
    {
        var parameters = new JsonObject();
        foreach (var one in given.GetValue(_option) ?? [])
        {
            var equals = one.IndexOf('=', StringComparison.Ordinal);
            parameters[one[..equals]] = one[(equals + 1)..];
        }

        return parameters;
    }
}
