using System.CommandLine;
using System.Net;
using Grid.Cli.Api;
using Grid.Cli.Demo;

namespace Grid.Cli.Commands;

/// <summary>The options of commands that work against a running server: where it is, and who asks.</summary>
public sealed class AccountOptions
{
    private static readonly string[] DefaultDataFolders = ["data/grid", DemoCommand.DefaultData];

    private readonly Option<string> _url = new("--url") { Description = "Root of the server.", DefaultValueFactory = _ => "http://127.0.0.1:8080/" };
    private readonly Option<string?> _login = new("--login") { Description = "Account; its password is read from GRID_PASSWORD. Default: GRID_LOGIN, else the data folder's secrets.json." };
    private readonly Option<string?> _data = new("--data") { Description = "Data folder of a server on this machine, for its secrets.json. Default: data/grid, then data/demo." };
    private readonly Option<string?> _datastore = new("--datastore") { Description = "Id or technical name of the datastore. Default: the account's first." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_url, _login, _data, _datastore])
            command.Add(option);
    }

    /// <summary>A client of the server, and the account with the datastore that was asked for.</summary>
    /// <exception cref="DeliveryException">The address is none, or no account is known.</exception>
    public async Task<(EntrepotClient Api, Credentials Credentials)> LogInAsync(ParseResult given, CancellationToken cancellation)
    {
        var folders = given.GetValue(_data) is { } folder ? [folder] : DefaultDataFolders;
        var (api, credentials) = await LogInAsync(Server(given.GetValue(_url)!), Credentials.Find(folders, given.GetValue(_login)), cancellation);
        return (api, given.GetValue(_datastore) is { } datastore ? credentials with { Datastore = datastore } : credentials);
    }

    // Servers of one machine keep their accounts apart; the one that answers knows only its own.
    private static async Task<(EntrepotClient Api, Credentials Credentials)> LogInAsync(Uri server, IReadOnlyList<Credentials> candidates, CancellationToken cancellation)
    {
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
            catch (EntrepotException error) when (error.Status == HttpStatusCode.Unauthorized)
            {
                api.Dispose();
                throw new DeliveryException(
                    $"{server} does not take the account {candidates[i].Login ?? candidates[i].ClientId} and its password: name that server's data folder with --data, or set GRID_LOGIN and GRID_PASSWORD");
            }
        }
    }

    private static Uri Server(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var server) && (server.Scheme is "http" or "https")
            ? server
            : throw new DeliveryException($"--url is the root of a server, such as http://127.0.0.1:8080/: {url} is not");
}
