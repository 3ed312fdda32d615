using System.CommandLine;
using System.Text.Json.Nodes;
using Grid.Cli.Cluster;

namespace Grid.Cli.Commands;

/// <summary><c>cluster</c>: silos and a frontend on this machine.</summary>
public static class ClusterCommand
{
    private const string DefaultData = "data/cluster";

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "Data folder of the cluster.", DefaultValueFactory = _ => DefaultData, Recursive = true };
        var programs = new Option<string>("--programs") { Description = "Folder src of the checkout, built for Orleans.", Required = true, Recursive = true };
        var silos = new Option<int>("--silos") { Description = "How many silos.", DefaultValueFactory = _ => 3 }.Within(1, 16);
        var port = new Option<int>("--port") { Description = "Port of the frontend.", DefaultValueFactory = _ => 8080 }.Within(1, 65_535);
        var number = new Argument<int>("N") { Description = "The silo's number." };

        Command Step(string name, string description, Func<LocalCluster, ParseResult, CancellationToken, Task> work, params Symbol[] symbols)
        {
            var command = new Command(name, description);
            foreach (var symbol in symbols)
            {
                if (symbol is Option option) command.Add(option);
                else if (symbol is Argument argument) command.Add(argument);
            }

            command.SetAction((given, cancellation) => Outcome.OfAsync(async () =>
            {
                await work(new LocalCluster(Path.GetFullPath(given.GetValue(data)!), Path.GetFullPath(given.GetValue(programs)!), LocalCluster.Published), given, cancellation);
                return 0;
            }));
            return command;
        }

        return new Command("cluster", "Silos and a frontend on this machine, against one PostgreSQL and one object store.")
        {
            data,
            programs,
            Step("up", "Starts silos and a frontend.", async (cluster, given, cancellation) =>
            {
                await cluster.UpAsync(given.GetValue(silos), given.GetValue(port), cancellation);
                await TellAsync(cluster, cancellation);
            }, silos, port),
            Step("status", "Shows the processes and what the silos do.", (cluster, _, cancellation) => TellAsync(cluster, cancellation)),
            Step("add", "Starts one more silo.", async (cluster, _, cancellation) => Console.WriteLine($"{(await cluster.AddAsync(cancellation)).Name} has joined")),
            Step("kill", "Ends a silo at once, as a power cut would.", (cluster, given, cancellation) => cluster.KillAsync(given.GetValue(number), cancellation), number),
            Step("drain", "Lets a silo leave.", (cluster, given, cancellation) => cluster.DrainAsync(given.GetValue(number), cancellation), number),
            Step("down", "Stops all.", (cluster, _, cancellation) => cluster.DownAsync(cancellation)),
        };
    }

    private static async Task TellAsync(LocalCluster cluster, CancellationToken cancellation)
    {
        var file = cluster.File;
        if (file.Frontend is null && file.Silos.Count == 0)
        {
            Console.WriteLine("no cluster runs");
            return;
        }

        if (file.Frontend is { } frontend)
            Console.WriteLine($"{"frontend",-10} {(frontend.IsAlive ? "runs" : "ended"),-6} process {frontend.Id,-8} {frontend.Url}");
        if (file.Database is { } database)
            Console.WriteLine($"{"database",-10} {(database.IsAlive ? "runs" : "ended"),-6} process {database.Id}");
        JsonArray? members = null;
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        foreach (var silo in file.Silos)
        {
            var about = "";
            if (silo.IsAlive)
            {
                try
                {
                    var answer = JsonNode.Parse(await http.GetStringAsync(new Uri(silo.Url!, "health/silo"), cancellation))!;
                    members = answer["silos"]!.AsArray();
                    about = $"computes {answer["regions"]} regions";
                }
                catch (Exception error) when (error is HttpRequestException or TaskCanceledException && !cancellation.IsCancellationRequested)
                {
                    about = "does not answer";
                }
            }

            Console.WriteLine($"{silo.Name,-10} {(silo.IsAlive ? "runs" : "ended"),-6} process {silo.Id,-8} {about}");
        }

        foreach (var member in members ?? [])
            Console.WriteLine($"member     {member!["status"],-13} {member["name"]} {member["address"]}");
    }
}
