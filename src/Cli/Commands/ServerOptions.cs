using System.CommandLine;
using System.Net;
using Grid.Cli.Api;
using Grid.Cli.Demo;
using Grid.Cli.Producer;

namespace Grid.Cli.Commands;

/// <summary>The options of all commands that deliver to a running server: which one, by whom, and as which layer.</summary>
public sealed class ServerOptions
{
    private static readonly string[] DefaultDataFolders = ["data/grid", DemoCommand.DefaultData];

    private readonly Option<string> _name = new("--name") { Description = "Name of the upload, the pyramid and the layer.", Required = true };
    private readonly Option<string> _url = new("--url") { Description = "Root of the server.", DefaultValueFactory = _ => "http://127.0.0.1:8080/" };
    private readonly Option<string?> _login = new("--login") { Description = "Account; its password is read from GRID_PASSWORD. Default: GRID_LOGIN, else the data folder's secrets.json." };
    private readonly Option<string?> _data = new("--data") { Description = "Data folder of a server on this machine, for its secrets.json. Default: data/grid, then data/demo." };
    private readonly Option<string?> _datastore = new("--datastore") { Description = "Id or technical name of the datastore. Default: the account's first." };
    private readonly Option<string?> _layer = new("--layer") { Description = "Name of the layer. Default: made of --name." };
    private readonly Option<string?> _title = new("--title") { Description = "Title of the layer. Default: --name." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_name, _url, _login, _data, _datastore, _layer, _title])
            command.Add(option);
    }

    /// <summary>The delivery with the options as given.</summary>
    public DeliveryOptions Apply(ParseResult given, Credentials credentials, string folder) => new()
    {
        Folder = folder,
        Name = given.GetValue(_name)!,
        Datastore = given.GetValue(_datastore) ?? credentials.Datastore,
        LayerName = given.GetValue(_layer),
        Title = given.GetValue(_title),
    };

    /// <summary>Logs in. Servers of one machine keep their accounts apart; the one that answers knows only its own.</summary>
    public async Task<(EntrepotClient Api, Credentials Credentials)> LogInAsync(ParseResult given, CancellationToken cancellation)
    {
        var server = Server(given.GetValue(_url)!);
        var candidates = Credentials.Find(given.GetValue(_data) is { } folder ? [folder] : DefaultDataFolders, given.GetValue(_login));
        for (var i = 0; ; i++)
        {
            var api = new EntrepotClient(server, candidates[i]);
            try
            {
                await api.GetAsync("users/me", cancellation);
                return (api, candidates[i]);
            }
            catch (EntrepotException error) when (error.Status == HttpStatusCode.Unauthorized && i + 1 < candidates.Count)
            {
                api.Dispose();
            }
        }
    }

    private static Uri Server(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var server) && (server.Scheme is "http" or "https")
            ? server
            : throw new DeliveryException($"--url is the root of a server, such as http://127.0.0.1:8080/: {url} is not");
}
