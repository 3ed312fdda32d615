using System.CommandLine;
using Grid.Cli.Producer;

namespace Grid.Cli.Commands;

/// <summary><c>import DESCRIPTOR --name NAME</c>: an existing ROK4 pyramid becomes stored data of a running server, and a layer.</summary>
public static class ImportCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var descriptor = new Argument<string>("DESCRIPTOR") { Description = "Descriptor of the pyramid (NAME.json), its slabs where it says they are." };
        var server = new ServerOptions();
        var command = new Command("import", "Delivers an existing ROK4 pyramid as it is, without computing anything, and publishes it, through the REST API.") { descriptor };
        server.AddTo(command);
        command.SetAction((given, cancellation) => Outcome.OfAsync(async () =>
        {
            var (api, credentials) = await server.LogInAsync(given, cancellation);
            using var closing = api;
            var pyramid = PyramidFolder.Read(given.GetValue(descriptor)!);
            var options = server.Apply(given, credentials, pyramid.Folder) with { Pyramid = pyramid, Srs = pyramid.Crs };
            return await DeliverCommand.RunAsync(api, options, cancellation);
        }));
        return command;
    }
}
