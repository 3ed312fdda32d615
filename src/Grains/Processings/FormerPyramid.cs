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

    /// <summary>Adds a sentence for each parameter that says otherwise than the pyramid; those of levels and slabs among them.</summary>
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

    // Numbers are written 3 or 3.0, and compare as numbers.
    private static JsonNode? Plain(JsonNode? node) => node switch
    {
        JsonArray array => new JsonArray([.. array.Select(Plain)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => JsonValue.Create(value.Deserialize<double>()),
        _ => node?.DeepClone(),
    };
}
