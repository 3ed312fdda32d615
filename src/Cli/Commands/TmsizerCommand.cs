using System.CommandLine;
using System.Globalization;
using Grid.Cli.Api;
using Grid.Cli.Demands;
using Grid.Tiling;

namespace Grid.Cli.Commands;

/// <summary><c>tmsizer</c>: what logs and geometries mean in tiles of a set, with the options of rok4/pytools' tool.</summary>
public static class TmsizerCommand
{
    // Metropolitan France, as the tool names it.
    private static readonly Dictionary<string, Extent> s_areas = new() { ["FXX"] = new Extent(-649498, 5048729, 1173394, 6661417) };

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var tms = new Option<string>("--tms") { Description = "Tile matrix set.", Required = true };
        var input = new Option<string?>("--input", "-i") { Description = "File to read, a line an item. Default: the standard input." };
        var from = new Option<string>("--input-format", "-if") { Description = "GETTILE_PARAMS (requests, or lines of a log) or GEOMETRY.", Required = true };
        var read = new Option<string[]>("--input-option", "-io") { Description = "levels=ID,... and layers=NAME,... of requests; format=WKT|WKB|GeoJSON and level=ID of geometries in the set's CRS.", AllowMultipleArgumentsPerToken = true };
        var output = new Option<string?>("--output", "-o") { Description = "File to write. Default: the standard output." };
        var to = new Option<string>("--output-format", "-of") { Description = "COUNT, GETTILE_PARAMS, or HEATMAP (a GeoTIFF).", Required = true };
        var write = new Option<string[]>("--output-option", "-oo") { Description = "Of a heat map: bbox=XMIN,YMIN,XMAX,YMAX or area=FXX, and dimensions=WIDTHxHEIGHT or level=ID (a pixel a tile).", AllowMultipleArgumentsPerToken = true };
        from.AcceptOnlyFromAmong("GETTILE_PARAMS", "GEOMETRY");
        to.AcceptOnlyFromAmong("COUNT", "GETTILE_PARAMS", "HEATMAP");
        var command = new Command("tmsizer", "Counts the tiles that requests ask for or geometries touch, lists them, or maps them.") { tms, input, from, read, output, to, write };
        command.SetAction((given, _) => Outcome.OfAsync(async () =>
        {
            var set = TileMatrixSets.Find(given.GetValue(tms)!) ?? throw new DeliveryException($"tile matrix set {given.GetValue(tms)} is not known");
            using var lines = given.GetValue(input) is { } file ? Open(file) : Console.In;
            var tiles = Tiles(set, given.GetValue(from)!, Options(given.GetValue(read)), lines);
            await using var target = given.GetValue(output) is { } path ? File.Create(path) : Console.OpenStandardOutput();
            if (given.GetValue(to) == "HEATMAP")
            {
                var map = Map(set, Options(given.GetValue(write)));
                foreach (var tile in tiles)
                    map.Add(tile.Centre);
                map.Write(target, Crs.Parse(set.Crs));
                return 0;
            }

            await using var text = new StreamWriter(target) { NewLine = "\n" };
            if (given.GetValue(to) == "COUNT")
            {
                await text.WriteLineAsync(tiles.LongCount().ToString(CultureInfo.InvariantCulture));
                return 0;
            }

            foreach (var tile in tiles)
                await text.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"TILEMATRIXSET={set.Id}&TILEMATRIX={tile.Matrix.Id}&TILECOL={tile.Col}&TILEROW={tile.Row}"));
            return 0;
        }));
        return command;
    }

    private static StreamReader Open(string file) =>
        File.Exists(file) ? new StreamReader(file) : throw new DeliveryException($"there is no file {file}");

    private static IEnumerable<TileIndex> Tiles(TileMatrixSet set, string format, Dictionary<string, string> options, TextReader lines)
    {
        if (format == "GEOMETRY")
            return TouchedTiles.Of(lines, Wanted(options, "format"), Level(set, Wanted(options, "level")));
        var levels = List(options, "levels");
        foreach (var level in levels)
            Level(set, level);
        return new LoggedTiles(set, levels, List(options, "layers")).Read(lines);
    }

    private static HeatMap Map(TileMatrixSet set, Dictionary<string, string> options)
    {
        Extent box;
        if (options.TryGetValue("bbox", out var text))
        {
            var edges = text.Split(',').Select(Number).ToList();
            box = edges is [var minX, var minY, var maxX, var maxY] && minX < maxX && minY < maxY
                ? new Extent(minX, minY, maxX, maxY)
                : throw new DeliveryException($"bbox={text}: it is xmin,ymin,xmax,ymax");
        }
        else
        {
            var area = Wanted(options, "area", "a heat map needs bbox=XMIN,YMIN,XMAX,YMAX or area=FXX");
            box = s_areas.TryGetValue(area, out var known) && Crs.Parse(set.Crs).GdalName == "EPSG:3857"
                ? known
                : throw new DeliveryException($"area={area} is not known in {set.Crs}: {string.Join(", ", s_areas.Keys)} are, in EPSG:3857");
        }

        if (options.TryGetValue("level", out var level))
            return HeatMap.OfTiles(Level(set, level), box);
        var size = Wanted(options, "dimensions", "a heat map needs dimensions=WIDTHxHEIGHT or level=ID").Split('x');
        return size.Length == 2 && long.TryParse(size[0], out var width) && long.TryParse(size[1], out var height)
            ? new HeatMap(box, width, height)
            : throw new DeliveryException($"dimensions={string.Join('x', size)}: they are WIDTHxHEIGHT");
    }

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new DeliveryException($"\"{text}\" is no number");

    private static TileMatrix Level(TileMatrixSet set, string level) => set.Find(level)
        ?? throw new DeliveryException($"level {level} is not of {set.Id}: {set.Matrices[0].Id} to {set.Matrices[^1].Id} are");

    private static IReadOnlyList<string> List(Dictionary<string, string> options, string name) =>
        options.TryGetValue(name, out var value) ? value.Split(',') : [];

    private static string Wanted(Dictionary<string, string> options, string name, string? sentence = null) =>
        options.TryGetValue(name, out var value) ? value : throw new DeliveryException(sentence ?? $"the option {name}=... is needed");

    // Written KEY=VALUE or KEY:VALUE.
    private static Dictionary<string, string> Options(string[]? given)
    {
        var options = new Dictionary<string, string>();
        foreach (var one in given ?? [])
        {
            var at = one.IndexOfAny(['=', ':']);
            if (at <= 0)
                throw new DeliveryException($"\"{one}\": an option is KEY=VALUE");
            if (!options.TryAdd(one[..at], one[(at + 1)..]))
                throw new DeliveryException($"\"{one}\": the option {one[..at]} is given twice");
        }

        return options;
    }
}
