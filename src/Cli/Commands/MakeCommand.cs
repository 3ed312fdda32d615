using System.CommandLine;
using System.Globalization;
using Grid.Cli.Lots;
using Grid.Cli.Lots.Lidar;

namespace Grid.Cli.Commands;

/// <summary><c>make ortho|lidar FOLDER</c>: writes a generated lot, to try and to measure with.</summary>
public static class MakeCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new("make", "Makes a lot of files that look like a producer's, in EPSG:2154, the same each time.") { Ortho(), Lidar() };

    private static Command Ortho()
    {
        var folder = Folder();
        var size = Size();
        var seed = Seed();
        var pixels = new Option<int>("--pixels") { Description = "Pixels on a side of a dalle.", DefaultValueFactory = _ => 5000 }.Within(1, OrthoLot.MostPixels);
        var pixel = new Option<double>("--pixel") { Description = "Metres on a side of a pixel.", DefaultValueFactory = _ => 0.2 }.Within(0.01, 1000);
        var command = new Command("ortho", "Makes RGB GeoTIFF dalles of an ortho-photo.") { folder, size, seed, pixels, pixel };
        command.SetAction((given, cancellation) => Outcome.OfAsync(async () =>
        {
            var (columns, rows) = Parse(given.GetValue(size)!);
            var files = await Task.Run(
                () => OrthoLot.Generate(given.GetValue(folder)!, columns, rows, given.GetValue(pixels), given.GetValue(pixel), given.GetValue(seed), cancellation: cancellation),
                cancellation);
            return Tell(files);
        }));
        return command;
    }

    private static Command Lidar()
    {
        var folder = Folder();
        var size = Size();
        var seed = Seed();
        var side = new Option<double>("--side") { Description = "Metres on a side of a tile.", DefaultValueFactory = _ => 1000 }.Within(1, 10_000);
        var density = new Option<double>("--density") { Description = "Pulses a square metre and flight line; points are about twice as many.", DefaultValueFactory = _ => 10 }.Within(0.01, 1000);
        var format = new Option<int>("--format") { Description = "Point format: 6, 7 (colours) or 8 (colours and near infrared).", DefaultValueFactory = _ => 8 }.Within(6, 8);
        var command = new Command("lidar", "Makes classified LAZ tiles of an airborne LiDAR block.") { folder, size, seed, side, density, format };
        command.SetAction((given, cancellation) => Outcome.OfAsync(async () =>
        {
            var (columns, rows) = Parse(given.GetValue(size)!);
            var options = new LidarLotOptions
            {
                Columns = columns,
                Rows = rows,
                SideMeters = given.GetValue(side),
                Density = given.GetValue(density),
                PointFormat = given.GetValue(format),
                Seed = given.GetValue(seed),
            };
            return Tell(await LidarLot.GenerateAsync(given.GetValue(folder)!, options, cancellation: cancellation));
        }));
        return command;
    }

    private static Argument<string> Folder() => new("folder") { Description = "Where the files are written; made when it is not there." };

    private static Option<int> Seed() => new("--seed") { Description = "Another number makes another landscape.", DefaultValueFactory = _ => 1 };

    private static Option<string> Size()
    {
        var size = new Option<string>("--size") { Description = "Files from west to east and from north to south: COLUMNSxROWS.", DefaultValueFactory = _ => "2x2" };
        size.Validators.Add(given =>
        {
            if (!TryParse(given.GetValueOrDefault<string>(), out _))
                given.AddError("--size is two whole numbers from 1 to 1000: 2x2.");
        });
        return size;
    }

    private static (int Columns, int Rows) Parse(string size) => TryParse(size, out var parsed) ? parsed : throw new ArgumentException(size);

    private static bool TryParse(string? size, out (int Columns, int Rows) parsed)
    {
        parsed = default;
        return size?.Split('x') is [var columns, var rows]
            && int.TryParse(columns, NumberStyles.None, CultureInfo.InvariantCulture, out parsed.Columns) && parsed.Columns is > 0 and <= 1000
            && int.TryParse(rows, NumberStyles.None, CultureInfo.InvariantCulture, out parsed.Rows) && parsed.Rows is > 0 and <= 1000;
    }

    private static int Tell(IReadOnlyList<string> files)
    {
        foreach (var file in files)
            Console.WriteLine(file);
        return 0;
    }
}
