using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Grains.Catalogue;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Pyramids;
using Grid.Tiling;

namespace Grid.Grains.Processings;

/// <summary>The current version of a stored pyramid that an execution begins from, and what it decides of the one to be made.</summary>
public sealed class FormerPyramid
{
    private readonly PyramidDescriptor _descriptor;

    private FormerPyramid(JsonObject version)
    {
        var descriptor = version["descriptor"]!.ToJsonString();
        _descriptor = PyramidDescriptorJson.Read(Encoding.UTF8.GetBytes(descriptor));
        Order = new FormerPyramidOrder(
            (string)version["storage_prefix"]!, Path.GetFileNameWithoutExtension((string)version["descriptor_key"]!), descriptor,
            [.. version["bounds"]!.AsArray().Select(bound => bound!.Deserialize<double>())]);
    }

    public FormerPyramidOrder Order { get; }

    /// <summary>Reads it. Throws <see cref="ConflictException"/> when the stored data has no finished pyramid.</summary>
    public static async Task<FormerPyramid> ReadAsync(PyramidVersions versions, Guid storedData) =>
        await versions.FindCurrentAsync(storedData) is { } version
            ? new FormerPyramid(version)
            : throw new ConflictException($"The stored data {storedData} has no finished pyramid.");

    /// <summary>Adds a sentence for each way in which pyramids cannot be merged, or one copied, as asked.</summary>
    public static void CheckMerge(IReadOnlyList<FormerPyramid> pyramids, JsonObject parameters, ICollection<string> problems)
    {
        var first = pyramids[0]._descriptor;
        foreach (var (name, one) in ((string, Func<PyramidDescriptor, object?>)[])[
            ("tile matrix sets", pyramid => pyramid.TileMatrixSet), ("sample formats", pyramid => pyramid.Format.SampleFormat),
            ("numbers of channels", pyramid => pyramid.Raster!.Channels)])
        {
            if (pyramids.FirstOrDefault(pyramid => !Equals(one(pyramid._descriptor), one(first))) is { } other)
                problems.Add($"The pyramids have different {name}, {one(first)} and {one(other._descriptor)}: those of a merge are the same.");
        }

        if (pyramids.SelectMany(pyramid => pyramid._descriptor.Levels).Select(level => level.Slabs).Distinct().Count() > 1)
            problems.Add("The pyramids have slabs of several sizes: those of a merge are the same.");
        if ((string?)parameters["merge_method"] is "ALPHATOP" or "MULTIPLY" && first.Format.SampleFormat != "UINT8")
            problems.Add($"The merge method {parameters["merge_method"]} takes UINT8 samples, not {first.Format.SampleFormat}.");
        // What is copied and not made anew may hold anything.
        if (pyramids.Count > 1 || parameters["compression"] is not null)
            CheckCompression((string?)parameters["compression"] ?? first.Format.Compression.ToLowerInvariant(), first, problems);
        if (TileMatrixSets.Find(first.TileMatrixSet) is { } set)
            CheckLevels(set, (string?)parameters["top"], (string?)parameters["bottom"], problems);
        if (parameters["bbox"] is not null && parameters["area"] is not null)
            problems.Add("The parameters \"bbox\" and \"area\" exclude each other.");
        if (parameters["bbox"] is JsonArray box)
        {
            var edges = box.Select(edge => edge!.Deserialize<double>()).ToList();
            if (!(edges[0] < edges[2] && edges[1] < edges[3] && edges[0] >= -180 && edges[2] <= 180 && edges[1] >= -90 && edges[3] <= 90))
                problems.Add($"The parameter \"bbox\" is {string.Join(", ", edges)}: it must be west, south, east, north in degrees.");
        }
    }

    /// <summary>Adds a sentence for each way in which the upper levels cannot be made as asked.</summary>
    public void CheckHead(JsonObject parameters, ICollection<string> problems)
    {
        var set = TileMatrixSets.Find(_descriptor.TileMatrixSet)!;
        if ((string?)parameters["reference_level"] is not { } reference)
            return;
        var top = (string?)parameters["top"] ?? (string)Parameters()["top"]!;
        if (_descriptor.FindLevel(reference) is null)
            problems.Add($"The parameter \"reference_level\" is \"{reference}\": the pyramid's levels are {string.Join(", ", _descriptor.Levels.Select(level => level.Id))}.");
        else if (set.PositionOf(top) >= set.PositionOf(reference))
            problems.Add($"The level \"{top}\", the top, is not above the \"reference_level\" {reference}: there is nothing to make.");
        CheckLevels(set, top, null, problems);
        CheckAgreement([], problems);
    }

    /// <summary>Whether the pyramid stores masks.</summary>
    public bool HasMask => _descriptor.HasMask;

    /// <summary>Adds a sentence for each parameter that says otherwise than the pyramid, and for what keeps the pyramid from being updated.</summary>
    public void CheckAgreement(JsonObject parameters, ICollection<string> problems)
    {
        var own = Parameters();
        foreach (var (name, value) in parameters)
        {
            if (own.TryGetPropertyValue(name, out var decided) && !JsonNode.DeepEquals(Plain(value), Plain(decided)))
                problems.Add($"The parameter \"{name}\" is {value!.ToJsonString()}, the pyramid's is {decided!.ToJsonString()}: an update keeps what the pyramid is. Leave it out, or build anew.");
        }

        if (_descriptor.Levels.Select(level => level.Slabs).Distinct().Count() > 1)
            problems.Add("The pyramid's levels have slabs of several sizes: it cannot be updated, build it anew.");
        if (_descriptor.Format.Compression is "LZW" or "PKB")
            problems.Add($"The pyramid's compression is {_descriptor.Format.Compression}, which is read and not written: build it anew.");
    }

    /// <summary>The pyramid's parameters, as an execution that had built it would name them.</summary>
    public JsonObject Parameters()
    {
        var raster = _descriptor.Raster!;
        var set = TileMatrixSets.Find(_descriptor.TileMatrixSet) ?? throw new ConflictException($"The tile matrix set {_descriptor.TileMatrixSet} is not known.");
        var levels = _descriptor.Levels.OrderBy(level => set.PositionOf(level.Id)).ToList();
        return new JsonObject
        {
            ["tms"] = _descriptor.TileMatrixSet,
            ["compression"] = _descriptor.Format.Compression.ToLowerInvariant(),
            ["interpolation"] = raster.Interpolation,
            ["mask"] = _descriptor.HasMask,
            ["bottom"] = levels[^1].Id,
            ["top"] = levels[0].Id,
            ["width"] = levels[0].Slabs.TilesPerWidth,
            ["height"] = levels[0].Slabs.TilesPerHeight,
            ["nodata"] = new JsonArray([.. raster.NodataValues.Select(value => (JsonNode)value)]),
            ["sampleformat"] = _descriptor.Format.SampleFormat,
            ["samplesperpixel"] = raster.Channels,
        };
    }

    private static void CheckCompression(string compression, PyramidDescriptor first, ICollection<string> problems)
    {
        if (compression is "lzw" or "pkb")
            problems.Add($"The first pyramid's compression is {compression}, which is read and not written: give the parameter \"compression\".");
        else if (first.Format.SampleFormat == "FLOAT32" && compression is not ("raw" or "zip"))
            problems.Add($"The compression {compression} holds no FLOAT32 samples: raw and zip do.");
        else if (compression is "jpg" or "jpg90" or "jpgpng" or "webp" && first.Raster!.Channels != 3)
            problems.Add($"The compression {compression} takes 3 channels, not {first.Raster.Channels}.");
    }

    private static void CheckLevels(TileMatrixSet set, string? top, string? bottom, ICollection<string> problems)
    {
        foreach (var (name, level) in new[] { ("top", top), ("bottom", bottom) })
        {
            if (level is not null && set.PositionOf(level) < 0)
                problems.Add($"The parameter \"{name}\" is \"{level}\": the levels of {set.Id} are {set.Matrices[0].Id} to {set.Matrices[^1].Id}.");
        }

        if (top is not null && bottom is not null && set.PositionOf(top) > set.PositionOf(bottom))
            problems.Add($"The parameter \"top\" ({top}) is a finer level than \"bottom\" ({bottom}).");
    }

    // Numbers are written 3 or 3.0, and compare as numbers.
    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonArray array => new JsonArray([.. array.Select(Plain)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => JsonValue.Create(value.Deserialize<double>()),
        _ => node?.DeepClone(),
    };
}
