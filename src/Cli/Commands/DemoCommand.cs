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
        var port = new Option<int>("--port") { Description = "Port of the server; a free one is taken when it is in use.", DefaultValueFactory = _ => DefaultPort };
        var data = new Option<string>("--data") { Description = "Data folder of the server.", DefaultValueFactory = _ => DefaultData };
        var exit = new Option<bool>("--exit") { Description = "Verify one tile of each level, print one JSON object and end." };
        var server = new Option<string>("--server") { Description = "Path of Grid.Frontend.dll, or of a program to start as it is.", Required = true };
        var pyramid = new PyramidOptions();
        var command = new Command("demo", "Starts a server, delivers a lot to it through the REST API and shows the map.") { lot, port, data, exit, server };
        pyramid.AddTo(command);
        command.SetAction((given, cancellation) => Outcome.OfAsync(() => RunAsync(
            new Settings(given.GetValue(lot)!, given.GetValue(port), Path.GetFullPath(given.GetValue(data)!), given.GetValue(exit), given.GetValue(server)!),
            (folder, name) => pyramid.Apply(given, new DeliveryOptions { Folder = folder, Name = name }),
            cancellation)));
        return command;
    }

    private static async Task<int> RunAsync(Settings settings, Func<string, string, DeliveryOptions> delivery, CancellationToken cancellation)
    {
        var report = Report.ForConsole();
        var lot = await DemoLot.PrepareAsync(settings.Lot, settings.Data, report, cancellation);
        var port = ServerProcess.FreePort(settings.Port);
        if (port != settings.Port)
            report.Say($"port {settings.Port} is in use: the server takes {port}");
        await using var server = await report.TrackAsync("starting the server", _ => ServerProcess.StartAsync(settings.Server, port, settings.Data, cancellation));
        await using var memory = new MemoryWatch(server.Id, settings.Data);
        var credentials = Credentials.Read(Path.Combine(settings.Data, "secrets.json"));
        using var api = new EntrepotClient(server.Address, credentials);
        var datastore = await Delivery.DatastoreAsync(api, credentials.Datastore, cancellation);
        var name = await DemoName.FreeAsync(api, datastore, lot.Name, cancellation);
        var result = await new Delivery(api, report, delivery(lot.Folder, name) with { Datastore = datastore }).RunAsync(cancellation);
        var layer = await WmtsLayer.ReadAsync(result.Wmts, result.LayerName, cancellation);
        var tiles = await report.TrackAsync("verifying one tile of each level", _ => TileCheck.VerifyAsync(layer, cancellation));
        report.Say($"{tiles.Count} levels served, {tiles[0].Level} to {tiles[^1].Level}");
        Addresses.Print(Console.Out, server.Address, result, tiles[^1].Url);
        Console.Out.WriteLine($"builds        {new Uri(server.Address, "builds")}");
        if (settings.Exit)
        {
            var figures = result.Build ?? throw new DeliveryException($"no build ran for {name}");
            Console.Out.WriteLine(JsonSerializer.Serialize(DemoSummary.Of(figures, memory.PeakMebibytes, result.Wmts)));
            return 0;
        }

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

    private sealed record Settings(string Lot, int Port, string Data, bool Exit, string Server);
}
