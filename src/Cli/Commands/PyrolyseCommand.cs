using System.CommandLine;
using System.Text.Json;
using Grid.Cli.Pyramids;

namespace Grid.Cli.Commands;

/// <summary><c>pyrolyse --pyramid DESCRIPTOR</c>: counts and sizes of a pyramid's slabs and tiles, by level.</summary>
public static class PyrolyseCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var pyramid = new Option<string>("--pyramid") { Description = "Descriptor of the pyramid (NAME.json), its slabs where it says they are.", Required = true };
        var output = new Option<string?>("--output") { Description = "File to write the statistics to. Default: the standard output." };
        var tiles = new Option<bool>("--tiles") { Description = "Measures sizes of tiles, and how long a slab's index takes to read." };
        var deciles = new Option<bool>("--deciles") { Description = "Gives the deciles of the measures rather than the measures." };
        var ratio = new Option<int>("--ratio") { Description = "One slab in so many is measured; all are counted.", DefaultValueFactory = _ => 100 }.Within(1, int.MaxValue);
        var command = new Command("pyrolyse", "Tells statistics of a pyramid in folders as JSON: slabs, links, sizes.") { pyramid, output, tiles, deciles, ratio };
        command.SetAction((given, cancellation) => Outcome.OfAsync(async () =>
        {
            var statistics = PyramidStatistics.Of(
                given.GetValue(pyramid)!, new StatisticsOptions(given.GetValue(tiles), given.GetValue(deciles), given.GetValue(ratio)));
            var text = statistics.ToJsonString(new JsonSerializerOptions { WriteIndented = given.GetValue(output) is not null });
            if (given.GetValue(output) is { } file)
                await File.WriteAllTextAsync(file, text + "\n", cancellation);
            else
                Console.WriteLine(text);
            return 0;
        }));
        return command;
    }
}
