using System.CommandLine;
using System.Text.Json;
using Grid.Cli.Api;
using Grid.Cli.Demo;
using Grid.Cli.Producer;
using Grid.Cli.Reports;

namespace Grid.Cli.Commands;

/// <summary><c>demo</c>: starts a server, delivers a lot to it through the REST API, and shows where to look.</summary>
public static class DemoCommand
{
    /// <summary>Data folder when none is named; outside version control.</summary>
    public const string DefaultData = "data/demo";

    private const int DefaultPort = 8080;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var lot = new Option<string>("--lot") { Description = "small (2 × 2 dalles of 2500 px), medium (4 × 4 of 5000 px), or a folder of TIFFs.", DefaultValueFactory = _ => "small" };
        var lidar = new Option<string?>("--lidar") { Description = "LiDAR in place of --lot, of which COPC files are made: small (2 × 2 tiles of 200 m), medium (2 × 2 of 1 km), or a folder of LAS and LAZ." };
        var port = new Option<int>("--port") { Description = "Port of the server; a free one is taken when it is in use.", DefaultValueFactory = _ => DefaultPort }.Within(0, 65_535);
        var data = new Option<string>("--data") { Description = "Data folder of the server.", DefaultValueFactory = _ => DefaultData };
        var exit = new Option<bool>("--exit") { Description = "Verify one tile of each level, print one JSON object and end." };
        var server = new Option<string>("--server") { Description = "Path of Grid.Frontend.dll, or of a program to start as it is.", Required = true };
        var pyramid = new PyramidOptions();
        var command = new Command("demo", "Starts a server, delivers a lot to it through the REST API and shows the map.") { lot, lidar, port, data, exit, server };
        pyramid.AddTo(command);
        command.SetAction((given, cancellation) => Outcome.OfAsync(() => RunAsync(
            new Settings(given.GetValue(lot)!, given.GetValue(lidar), given.GetValue(port), Path.GetFullPath(given.GetValue(data)!), given.GetValue(exit), given.GetValue(server)!),
            (folder, name) => pyramid.Apply(given, new DeliveryOptions { Folder = folder, Name = name }),
            cancellation)));
        return command;
    }

    private static async Task<int> RunAsync(Settings settings, Func<string, string, DeliveryOptions> delivery, CancellationToken cancellation)
    {
        var report = Report.ForConsole();
        var lot = settings.Lidar is { } tiles
            ? await DemoLot.PrepareLidarAsync(tiles, settings.Data, report, cancellation)
            : await DemoLot.PrepareAsync(settings.Lot, settings.Data, report, cancellation);
        var port = ServerProcess.FreePort(settings.Port);
        if (port != settings.Port)
            report.Say($"port {settings.Port} is in use: the server takes {port}");
        await using var server = await report.TrackAsync("starting the server", _ => ServerProcess.StartAsync(settings.Server, port, settings.Data, cancellation));
        await using var memory = new MemoryWatch(server.Id, settings.Data);
        var credentials = Credentials.Read(Path.Combine(settings.Data, "secrets.json"));
        using var api = new EntrepotClient(server.Address, credentials);
        var datastore = await Delivery.DatastoreAsync(api, credentials.Datastore, cancellation);
        var name = await DemoName.FreeAsync(api, datastore, lot.Name, cancellation);
        var options = delivery(lot.Folder, name) with { Datastore = datastore, IsLidar = settings.Lidar is not null };
        if (options.IsLidar)
            await DeliverLidarAsync(api, report, options, memory, settings.Exit, cancellation);
        else
            await DeliverAsync(api, report, options, server.Address, memory, settings.Exit, cancellation);
        if (settings.Exit)
            return 0;
        Console.Out.WriteLine($"account       in {Path.Combine(settings.Data, "secrets.json")}");
        report.Say("the server stays up until Ctrl-C");
        try
        {
            await server.Ended(cancellation);
        }
        catch (OperationCanceledException)
        {
            report.Say("stopping");
            return 0;
        }

        throw new DeliveryException($"the server ended by itself; its output is in {server.LogFile}");
    }

    private static async Task DeliverAsync(
        EntrepotClient api, IReport report, DeliveryOptions options, Uri server, MemoryWatch memory, bool isSummed, CancellationToken cancellation)
    {
        var result = await new Delivery(api, report, options).RunAsync(cancellation);
        var layer = await WmtsLayer.ReadAsync(result.Wmts, result.LayerName, cancellation);
        var tiles = await report.TrackAsync("verifying one tile of each level", _ => TileCheck.VerifyAsync(layer, cancellation));
        report.Say($"{tiles.Count} levels served, {tiles[0].Level} to {tiles[^1].Level}");
        Addresses.Print(Console.Out, server, result, tiles[^1].Url);
        Console.Out.WriteLine($"builds        {new Uri(server, "builds")}");
        if (isSummed)
        {
            var figures = result.Build ?? throw new DeliveryException($"no build ran for {options.Name}");
            Console.Out.WriteLine(JsonSerializer.Serialize(DemoSummary.Of(figures, memory.PeakMebibytes, result.Wmts)));
        }
    }

    private static async Task DeliverLidarAsync(
        EntrepotClient api, IReport report, DeliveryOptions options, MemoryWatch memory, bool isSummed, CancellationToken cancellation)
    {
        var result = await new LidarDelivery(api, report, options).RunAsync(cancellation);
        var files = await report.TrackAsync("verifying the head of each file", _ => CopcCheck.VerifyAsync(result.Index, cancellation));
        report.Say($"{files} COPC files served by range");
        Addresses.Print(Console.Out, result);
        if (isSummed)
        {
            var seconds = result.BuildSeconds ?? throw new DeliveryException($"no build ran for {options.Name}");
            Console.Out.WriteLine(JsonSerializer.Serialize(LidarSummary.Of(result, seconds, memory.PeakMebibytes)));
        }
    }

    private sealed record Settings(string Lot, string? Lidar, int Port, string Data, bool Exit, string Server);
}
