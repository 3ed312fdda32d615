using System.CommandLine;
using Grid.Cli.Api;
using Grid.Cli.Producer;

namespace Grid.Cli.Commands;

/// <summary>The options of all commands that deliver to a running server: which one, by whom, and as which layer.</summary>
public sealed class ServerOptions
{
    private readonly AccountOptions _account = new();
    private readonly Option<string> _name = new("--name") { Description = "Name of the upload, the pyramid and the layer.", Required = true };
    private readonly Option<string?> _layer = new("--layer") { Description = "Name of the layer. Default: made of --name." };
    private readonly Option<string?> _title = new("--title") { Description = "Title of the layer. Default: --name." };

    private readonly Option<string[]> _style = new("--style")
    {
        Description = "Styles of the layer, the default one first: hillshade, slope, ... of heights, which show nothing by themselves; normal gives the values.",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_name, _layer, _title, _style])
            command.Add(option);
        _account.AddTo(command);
    }

    /// <summary>The delivery with the options as given.</summary>
    public DeliveryOptions Apply(ParseResult given, Credentials credentials, string folder) => new()
    {
        Folder = folder,
        Name = given.GetValue(_name)!,
        Datastore = credentials.Datastore,
        LayerName = given.GetValue(_layer),
        Title = given.GetValue(_title),
        Styles = given.GetValue(_style) ?? [],
    };

    /// <inheritdoc cref="AccountOptions.LogInAsync"/>
    public Task<(EntrepotClient Api, Credentials Credentials)> LogInAsync(ParseResult given, CancellationToken cancellation) =>
        _account.LogInAsync(given, cancellation);
}
