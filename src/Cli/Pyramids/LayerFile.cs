using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Grid.Cli.Api;
using Grid.Tiling;

namespace Grid.Cli.Pyramids;

/// <summary>
/// The file by which a ROK4 server shows pyramids as one layer (rok4/server, layer descriptor), as rok4/pytools' MAKE-LAYER makes it; the bounding box is
/// left out, which the server then takes from the levels.
/// </summary>
public static partial class LayerFile
{
    /// <param name="pyramids">Descriptors, each with the levels used of it: <c>PATH</c>, or <c>PATH&gt;BOTTOM&gt;TOP</c>.</param>
    /// <param name="styles">Ids of styles; empty for "normal".</param>
    /// <param name="resampling">The server's name of a kernel; null for the pyramid's own.</param>
    /// <exception cref="DeliveryException">The name has other characters than letters, digits, <c>-</c> and <c>_</c>, a descriptor cannot be read, or the pyramids do not fit together.</exception>
    public static JsonObject Make(IReadOnlyList<string> pyramids, string name, string? title, string? summary, IReadOnlyList<string> styles, string? resampling)
    {
        if (!Names().IsMatch(name))
            throw new DeliveryException($"the name \"{name}\" goes into addresses: letters, digits, \"-\" and \"_\" are allowed");
        var used = pyramids.Select(Read).ToList();
        var first = used[0].Pyramid;
        if (used.Select(one => (one.Pyramid.Format, one.Pyramid.TileMatrixSet, one.Pyramid.Raster?.Channels)).Distinct().Count() > 1)
            throw new DeliveryException("the pyramids of a layer have one format, one tile matrix set and one number of channels");
        var twice = used.SelectMany(one => one.Levels).GroupBy(level => level).FirstOrDefault(level => level.Count() > 1);
        if (twice is not null)
            throw new DeliveryException($"level {twice.Key} is taken of two pyramids");

        var layer = new JsonObject
        {
            ["title"] = title ?? name,
            ["abstract"] = summary ?? name,
            ["keywords"] = new JsonArray(first.Raster is null ? "VECTOR" : "RASTER", name),
            ["wmts"] = new JsonObject { ["authorized"] = true },
            ["tms"] = new JsonObject { ["authorized"] = true },
            ["pyramids"] = new JsonArray([.. used.Select(one => new JsonObject { ["bottom_level"] = one.Levels[^1], ["top_level"] = one.Levels[0], ["path"] = one.Path })]),
        };
        if (first.Raster is null)
            return layer;
        var systems = new List<string> { "CRS:84", "IGNF:WGS84G", "EPSG:3857", "EPSG:4258", "EPSG:4326" };
        if (TileMatrixSets.Find(first.TileMatrixSet)?.Crs is { } own && !systems.Contains(own))
            systems.Add(own);
        layer["wms"] = new JsonObject { ["authorized"] = true, ["crs"] = new JsonArray([.. systems.Select(crs => (JsonNode)crs)]) };
        layer["styles"] = new JsonArray([.. styles.DefaultIfEmpty("normal").Select(style => (JsonNode)style)]);
        layer["resampling"] = resampling ?? first.Raster.Interpolation;
        return layer;
    }

    /// <summary>A pyramid and the ids of its used levels, coarsest first.</summary>
    private static (string Path, PyramidDescriptor Pyramid, IReadOnlyList<string> Levels) Read(string given)
    {
        var parts = given.Split('>');
        if (parts.Length is not (1 or 3))
            throw new DeliveryException($"\"{given}\": a pyramid is DESCRIPTOR or DESCRIPTOR>BOTTOM>TOP");
        PyramidDescriptor pyramid;
        try
        {
            pyramid = PyramidDescriptorJson.Read(File.ReadAllBytes(parts[0]));
        }
        catch (Exception wrong) when (wrong is InvalidPyramidException or IOException or UnauthorizedAccessException)
        {
            throw new DeliveryException($"{parts[0]} cannot be read as the descriptor of a pyramid: {wrong.Message}");
        }

        var set = TileMatrixSets.Find(pyramid.TileMatrixSet) ?? throw new DeliveryException($"{parts[0]}: tile matrix set {pyramid.TileMatrixSet} is not known");
        int Position(int part, int otherwise) => parts.Length == 1 ? otherwise
            : pyramid.FindLevel(parts[part]) is not null ? set.PositionOf(parts[part])
            : throw new DeliveryException($"{parts[0]} has no level {parts[part]}");
        int bottom = Position(1, int.MaxValue), top = Position(2, 0);
        var levels = pyramid.Levels.Select(level => level.Id).Where(level => set.PositionOf(level) >= top && set.PositionOf(level) <= bottom).OrderBy(set.PositionOf).ToList();
        return levels.Count > 0 ? (parts[0], pyramid, levels) : throw new DeliveryException($"\"{given}\": the bottom is coarser than the top");
    }

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex Names();
}
