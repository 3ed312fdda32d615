using System.CommandLine;
using System.Text.Json.Nodes;
using Grid.Cli.Api;
using Grid.Cli.Producer;
using Grid.Cli.Reports;

namespace Grid.Cli.Commands;

/// <summary><c>process NAME</c>: any processing of a running server, launched and followed to its end.</summary>
public static class ProcessCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("PROCESSING") { Description = "Name or id of the processing; without --output, what processings there are is printed.", Arity = ArgumentArity.ZeroOrOne };
        var uploads = new Option<string[]>("--upload") { Description = "Id of an upload to take; may be repeated." };
        var pyramids = new Option<string[]>("--input") { Description = "Name or id of a pyramid to take; may be repeated, the one on top first." };
        var output = new Option<string?>("--output") { Description = "Name of the new stored data, or id of those that get a new version." };
        var parameters = new ParameterOption("A parameter, NAME=VALUE; lists are written a,b,c. May be repeated.");
        var storage = new Option<string>("--storage") { Description = "Storage tag of new stored data: the name of a store beside the main one, to put them there.", DefaultValueFactory = _ => "PYRAMIDE" };
        var account = new AccountOptions();
        var command = new Command("process", "Launches a processing and follows it to its end.") { name, uploads, pyramids, output, storage };
        parameters.AddTo(command);
        account.AddTo(command);
        command.SetAction((given, cancellation) => Outcome.OfAsync(async () =>
        {
            var (api, credentials) = await account.LogInAsync(given, cancellation);
            using var closing = api;
            var datastore = await Delivery.DatastoreAsync(api, credentials.Datastore, cancellation);
            if (given.GetValue(name) is not { } wanted || given.GetValue(output) is not { } target)
            {
                await ListAsync(api, datastore, cancellation);
                return 0;
            }

            var step = new ExecutionStep(api, Report.ForConsole(), datastore, Poll);
            var inputs = new JsonArray();
            foreach (var pyramid in given.GetValue(pyramids) ?? [])
                inputs.Add(Json.Id(await step.PyramidAsync(pyramid, cancellation)));
            var execution = await step.LaunchAsync(
                new JsonObject
                {
                    ["processing"] = await FindAsync(api, datastore, wanted, cancellation),
                    ["inputs"] = new JsonObject { ["upload"] = new JsonArray([.. (given.GetValue(uploads) ?? []).Select(id => (JsonNode)id)]), ["stored_data"] = inputs },
                    ["output"] = new JsonObject
                    {
                        ["stored_data"] = new JsonObject
                        {
                            [Guid.TryParse(target, out _) ? "_id" : "name"] = target, ["storage_tags"] = new JsonArray(given.GetValue(storage)),
                        },
                    },
                    ["parameters"] = parameters.Read(given),
                },
                cancellation);
            var (storedData, figures) = await step.FollowAsync(execution, wanted, cancellation);
            Console.Out.WriteLine($"{Json.Id(storedData)}  {Json.Text(storedData["name"])}: {figures.Tiles} tiles in {figures.Slabs} slabs made");
            return 0;
        }));
        return command;
    }

    private static async Task ListAsync(EntrepotClient api, string datastore, CancellationToken cancellation)
    {
        foreach (var processing in (await api.ListAsync($"datastores/{datastore}/processings", cancellation)).OfType<JsonObject>())
        {
            Console.Out.WriteLine($"{Json.Id(processing)}  {Json.Text(processing["name"])}");
            foreach (var parameter in (await api.GetAsync($"datastores/{datastore}/processings/{Json.Id(processing)}", cancellation))["parameters"]?.AsArray() ?? [])
                Console.Out.WriteLine($"    {Json.Text(parameter!["name"])}{((bool?)parameter["mandatory"] == true ? " *" : "")}: {Json.Text(parameter["description"])}");
        }
    }

    private static async Task<string> FindAsync(EntrepotClient api, string datastore, string wanted, CancellationToken cancellation)
    {
        if (Guid.TryParse(wanted, out _))
            return wanted;
        var found = await api.ListAsync($"datastores/{datastore}/processings?name={Uri.EscapeDataString(wanted)}", cancellation);
        return found.Count > 0
            ? Json.Id(found[0]!)
            : throw new DeliveryException($"there is no processing \"{wanted}\": \"./grid process\" lists them");
    }
}
