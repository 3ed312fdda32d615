using System.CommandLine;
using Grid.Cli.Api;
using Grid.Cli.Demo;
using Grid.Cli.Producer;
using Grid.Cli.Reports;

namespace Grid.Cli.Commands;

/// <summary><c>deliver FOLDER --name NAME</c>: a producer's part against a running server.</summary>
public static class DeliverCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var folder = new Argument<string>("FOLDER") { Description = "Folder of the files to deliver (GeoTIFF dalles)." };
        var server = new ServerOptions();
        var update = new Option<string?>("--update") { Description = "Name or id of a pyramid: the lot updates it in place, and its layers show the result. Only what the lot covers is built." };
        var area = new Option<string?>("--area") { Description = "With --update: the area that the lot replaces, nodata where it has none (WKT, longitude and latitude)." };
        var lidar = new Option<bool>("--lidar") { Description = "The folder holds LiDAR tiles (LAS, LAZ): COPC files are made of them and published for download." };
        var files = new Option<string>("--files") { Description = "With --lidar: one COPC file of the BLOCK, one a tile (TILES), or BOTH.", DefaultValueFactory = _ => "BOTH" };
        files.AcceptOnlyFromAmong("BLOCK", "TILES", "BOTH");
        var pyramid = new PyramidOptions();
        var command = new Command("deliver", "Delivers a folder of rasters, builds its pyramid and publishes it, through the REST API.") { folder, update, area, lidar, files };
        server.AddTo(command);
        pyramid.AddTo(command);
        command.SetAction((given, cancellation) => Outcome.OfAsync(async () =>
        {
            var (api, credentials) = await server.LogInAsync(given, cancellation);
            using var closing = api;
            var delivery = server.Apply(given, credentials, given.GetValue(folder)!) with
            {
                Update = given.GetValue(update),
                Area = given.GetValue(area),
                IsLidar = given.GetValue(lidar),
                CopcFiles = given.GetValue(files)!,
            };
            delivery = pyramid.Apply(given, delivery);
            return delivery.IsLidar ? await RunLidarAsync(api, delivery, cancellation) : await RunAsync(api, delivery, cancellation);
        }));
        return command;
    }

    /// <summary>Delivers LiDAR tiles, and prints where their COPC files are.</summary>
    internal static async Task<int> RunLidarAsync(EntrepotClient api, DeliveryOptions options, CancellationToken cancellation)
    {
        var result = await new LidarDelivery(api, Report.ForConsole(), options).RunAsync(cancellation);
        Addresses.Print(Console.Out, result);
        return 0;
    }

    /// <summary>Delivers, and prints where the layer is seen.</summary>
    internal static async Task<int> RunAsync(EntrepotClient api, DeliveryOptions options, CancellationToken cancellation)
    {
        var result = await new Delivery(api, Report.ForConsole(), options).RunAsync(cancellation);
        var service = await WmtsLayer.ReadAsync(result.Wmts, result.LayerName, cancellation);
        var tile = (await service.FirstTilesAsync(cancellation)).LastOrDefault();
        Addresses.Print(Console.Out, api.Server, result, tile?.Url);
        return 0;
    }
}
