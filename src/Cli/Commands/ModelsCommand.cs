using System.CommandLine;
using System.Globalization;
using Grid.Cli.Terrain;
using Grid.PointCloud.Terrain;

namespace Grid.Cli.Commands;

/// <summary><c>models FOLDER OUTPUT</c>: terrain, surface and height models of classified point clouds.</summary>
public static class ModelsCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of classified LAZ, LAS or COPC files, in one CRS." };
        var output = new Argument<string>("output") { Description = "Where the GeoTIFF tiles are written, in a folder for each model and step." };
        var steps = new Option<double[]>("--step") { Description = "Metres on a side of a pixel. Default: 0.5 and 5.", AllowMultipleArgumentsPerToken = true }.Within(0.01, 1000);
        var kinds = new Option<TerrainModelKind[]>("--model") { Description = "mnt, mns or mnh. Default: all three.", AllowMultipleArgumentsPerToken = true };
        var side = new Option<double?>("--side") { Description = "Metres on a side of a tile. Default: that of the files, 1000 for LiDAR HD." }.Within(1, 100_000);
        var margin = new Option<double>("--margin") { Description = "Metres around a tile whose points count.", DefaultValueFactory = _ => 100 }.Within(0, 10_000);
        var edge = new Option<double>("--longest-edge") { Description = "Triangles with a longer edge, in metres, make no pixels; 0 is no limit." }.Within(0, 1_000_000);
        var epsg = new Option<int?>("--epsg") { Description = "Code of the projected CRS. Default: what the files say." }.Within(1, 999_999);
        var command = new Command("models", "Makes MNT, MNS and MNH of point clouds as Cloud-Optimized GeoTIFF tiles, cut and named as IGN does.")
        {
            folder, output, steps, kinds, side, margin, edge, epsg,
        };
        command.SetAction((given, cancellation) => Outcome.OfAsync(async () =>
        {
            var defaults = new TerrainOptions();
            var options = new ModelTilesOptions
            {
                Models = defaults with
                {
                    Steps = given.GetValue(steps) is { Length: > 0 } some ? some : defaults.Steps,
                    Models = given.GetValue(kinds) is { Length: > 0 } asked ? asked : defaults.Models,
                    Margin = given.GetValue(margin),
                    LongestEdge = given.GetValue(edge),
                },
                Side = given.GetValue(side),
                Epsg = given.GetValue(epsg),
            };
            var written = await ModelTiles.WriteAsync(given.GetValue(folder)!, given.GetValue(output)!, options, new Progress(), cancellation);
            foreach (var file in written)
                Console.WriteLine(file);
            return 0;
        }));
        return command;
    }

    private sealed class Progress : IProgress<double>
    {
        public void Report(double value) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value:P0}"));
    }
}
