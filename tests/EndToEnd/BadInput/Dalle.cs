using System.Globalization;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.BadInput;

/// <summary>Small rasters made by GDAL's own programs.</summary>
internal sealed record Dalle
{
    public int Width { get; init; } = 300;

    public int Height { get; init; } = 300;

    public string? Crs { get; init; } = "EPSG:2154";

    /// <summary>West, north, east, south, as <c>-a_ullr</c> takes them; null leaves the raster without georeference.</summary>
    public (double West, double North, double East, double South)? Place { get; init; } = (700_000, 6_600_060, 700_060, 6_600_000);

    public string Type { get; init; } = "Byte";

    /// <summary>The value of each band everywhere; empty for one band that is never written.</summary>
    public IReadOnlyList<int> Values { get; init; } = [90, 120, 60];

    public int? Nodata { get; init; }

    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Writes the raster; returns its path.</summary>
    public async Task<string> WriteAsync(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        var arguments = new List<string> { "-q", "-of", "GTiff", "-ot", Type, "-outsize", Text(Width), Text(Height), "-bands", Text(Math.Max(1, Values.Count)) };
        foreach (var value in Values)
            arguments.AddRange(["-burn", Text(value)]);
        if (Crs is not null)
            arguments.AddRange(["-a_srs", Crs]);
        if (Place is { } place)
            arguments.AddRange(["-a_ullr", Text(place.West), Text(place.North), Text(place.East), Text(place.South)]);
        if (Nodata is { } nodata)
            arguments.AddRange(["-a_nodata", Text(nodata)]);
        foreach (var option in Options)
            arguments.AddRange(["-co", option]);
        (await Programs.RunAsync("gdal_create", [.. arguments, path])).Expect();
        return path;
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
