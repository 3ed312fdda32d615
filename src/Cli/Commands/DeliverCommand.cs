using System.CommandLine;
using System.Net;
using Grid.Cli.Api;
using Grid.Cli.Demo;
using Grid.Cli.Producer;
using Grid.Cli.Reports;

namespace Grid.Cli.Commands;

/// <summary><c>deliver FOLDER --name NAME</c>: a producer's part against a running server.</summary>
public static class DeliverCommand
{
    private static readonly string[] DefaultDataFolders = ["data/grid", DemoCommand.DefaultData];

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Folder of the files to deliver (GeoTIFF dalles)." };
        var name = new Option<string>("--name") { Description = "Name of the upload, the pyramid and the layer.", Required = true };
        var url = new Option<string>("--url") { Description = "Root of the server.", DefaultValueFactory = _ => "http://127.0.0.1:8080/" };
        var login = new Option<string?>("--login") { Description = "Account; its password is read from GRID_PASSWORD. Default: GRID_LOGIN, else the data folder's secrets.json." };
        var data = new Option<string?>("--data") { Description = "Data folder of a server on this machine, for its secrets.json. Default: data/grid, then data/demo." };
        var datastore = new Option<string?>("--datastore") { Description = "Id or technical name of the datastore. Default: the account's first." };
        var layer = new Option<string?>("--layer") { Description = "Name of the layer. Default: made of --name." };
        var title = new Option<string?>("--title") { Description = "Title of the layer. Default: --name." };
        var pyramid = new PyramidOptions();
        var command = new Command("deliver", "Delivers a folder of rasters, builds its pyramid and publishes it, through the REST API.")
        {
            folder, name, url, login, data, datastore, layer, title,
        };
        pyramid.AddTo(command);
        command.SetAction((given, cancellation) => Outcome.OfAsync(async () =>
        {
            var report = Report.ForConsole();
            var folders = given.GetValue(data) is { } folderOfData ? [folderOfData] : DefaultDataFolders;
            var (api, credentials) = await LogInAsync(Server(given.GetValue(url)!), Credentials.Find(folders, given.GetValue(login)), cancellation);
            using var closing = api;
            var options = pyramid.Apply(given, new DeliveryOptions
            {
                Folder = given.GetValue(folder)!,
                Name = given.GetValue(name)!,
                Datastore = given.GetValue(datastore) ?? credentials.Datastore,
                LayerName = given.GetValue(layer),
                Title = given.GetValue(title),
            });
            var result = await new Delivery(api, report, options).RunAsync(cancellation);
            var service = await WmtsLayer.ReadAsync(result.Wmts, result.LayerName, cancellation);
            var tile = (await service.FirstTilesAsync(cancellation)).LastOrDefault();
            Addresses.Print(Console.Out, api.Server, result, tile?.Url);
            return 0;
        }));
        return command;
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
        }
    }

    private static Uri Server(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var server) && (server.Scheme is "http" or "https")
            ? server
            : throw new DeliveryException($"--url is the root of a server, such as http://127.0.0.1:8080/: {url} is not");
}
