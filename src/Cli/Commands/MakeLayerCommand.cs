using System.CommandLine;
using System.Text.Json;
using Grid.Cli.Pyramids;

namespace Grid.Cli.Commands;

/// <summary><c>make-layer</c>: the file by which a ROK4 server shows pyramids, with the options of rok4/pytools' tool.</summary>
public static class MakeLayerCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var pyramids = new Option<string[]>("--pyramids") { Description = "Descriptors, DESCRIPTOR or DESCRIPTOR>BOTTOM>TOP.", Required = true, AllowMultipleArgumentsPerToken = true };
        var name = new Option<string>("--name") { Description = "The layer's name in addresses.", Required = true };
        var styles = new Option<string[]>("--styles") { Description = "Ids of styles. Default: normal.", AllowMultipleArgumentsPerToken = true };
        var title = new Option<string?>("--title") { Description = "Its title. Default: the name." };
        var summary = new Option<string?>("--abstract") { Description = "What it shows. Default: the name." };
        var resampling = new Option<string?>("--resampling") { Description = "How the server resamples. Default: as the pyramid was built." };
        resampling.AcceptOnlyFromAmong("nn", "linear", "bicubic", "lanczos_2", "lanczos_3", "lanczos_4");
        var directory = new Option<string?>("--directory") { Description = "Folder to write NAME.json in. Default: the standard output." };
        var command = new Command("make-layer", "Makes a ROK4 server's layer file of pyramids.") { pyramids, name, styles, title, summary, resampling, directory };
        command.SetAction((given, cancellation) => Outcome.OfAsync(async () =>
        {
            var layer = LayerFile.Make(
                given.GetValue(pyramids)!, given.GetValue(name)!, given.GetValue(title), given.GetValue(summary), given.GetValue(styles) ?? [], given.GetValue(resampling));
            var text = layer.ToJsonString(s_indented) + "\n";
            if (given.GetValue(directory) is { } folder)
                await File.WriteAllTextAsync(Path.Combine(folder, given.GetValue(name)! + ".json"), text, cancellation);
            else
                await Console.Out.WriteAsync(text);
            return 0;
        }));
        return command;
    }
}
