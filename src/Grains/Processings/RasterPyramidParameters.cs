using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Grains.Pyramids;
using Grid.Interfaces.Processings;
using Grid.Tiling;

namespace Grid.Grains.Processings;

/// <summary>Parameters of a raster pyramid, checked one by one against their constraints and together against the tile matrix set and the formats.</summary>
public static class RasterPyramidParameters
{
    /// <summary>
    /// The values given, in their types; defaults are added by <see cref="WithDefaults"/>. Faults add sentences to <paramref name="problems"/>.
    /// Unknown parameters are kept aside in <paramref name="unknown"/>: clients send some that mean nothing here.
    /// </summary>
    /// <param name="isUpdate">Whether the execution begins from a pyramid, which then decides what is not given.</param>
    public static JsonObject Read(
        ProcessingDefinition processing, JsonNode? given, bool isUpdate, ICollection<string> problems, out IReadOnlyList<string> unknown)
    {
        var read = new JsonObject();
        var strangers = new List<string>();
        unknown = strangers;
        if (given is not null and not JsonObject)
            problems.Add("\"parameters\" must be an object.");
        foreach (var (name, value) in given as JsonObject ?? [])
        {
            if (value is null)
                continue;
            if (processing.Parameters.FirstOrDefault(one => one.Name == name) is not { } parameter)
                strangers.Add(name.Length <= 80 ? name : name[..80] + "…");
            else if (ParameterConstraints.Read(name, value, parameter.Constraints, problems) is { } accepted)
                read[name] = accepted;
        }

        foreach (var parameter in processing.Parameters.Where(one => one.Mandatory && read[one.Name] is null && (given as JsonObject)?[one.Name] is null))
            problems.Add($"The parameter \"{parameter.Name}\" is mandatory.");
        if ((read["area"] ?? read["harvest_area"]) is { } area && WktArea.Problem((string)area!) is { } wrong)
            problems.Add($"The parameter \"{(read["area"] is null ? "harvest_area" : "area")}\": {wrong}");
        if (read["area"] is not null && !isUpdate)
            problems.Add("The parameter \"area\" is for updates: name the pyramid in \"inputs.stored_data\".");
        if (read["harvest_levels"] is not null && read["bottom"] is null && !isUpdate)
            problems.Add("The parameter \"bottom\" is mandatory, but for an update.");
        if (read["bottoms"] is not null && (isUpdate || read["bottom"] is not null))
            problems.Add(isUpdate ? "The parameter \"bottoms\" is for builds from nothing." : "The parameters \"bottom\" and \"bottoms\" exclude each other: the finest of \"bottoms\" is the bottom.");
        if (problems.Count == 0 && !isUpdate && processing.Parameters.Any(one => one.Name == "tms"))
            CheckTogether(WithDefaults(processing, read), problems);
        return read;
    }

    /// <summary>The parameters with the defaults of those that were not given.</summary>
    public static JsonObject WithDefaults(ProcessingDefinition processing, JsonObject given)
    {
        var all = given.DeepClone().AsObject();
        foreach (var parameter in processing.Parameters.Where(one => one.Default is not null && all[one.Name] is null))
            all[parameter.Name] = parameter.Default!.DeepClone();
        return all;
    }

    private static void CheckTogether(JsonObject values, ICollection<string> problems)
    {
        var set = TileMatrixSets.Find((string)values["tms"]!)!;
        int Position(string name)
        {
            if (values[name] is not { } level)
                return -1;
            var position = set.PositionOf((string)level!);
            if (position < 0)
                problems.Add($"The parameter \"{name}\" is \"{level}\": the levels of {set.Id} are {set.Matrices[0].Id} to {set.Matrices[^1].Id}.");
            return position;
        }

        int top = Position("top"), bottom = Position("bottom");
        if (values["bottoms"] is JsonArray bottoms)
            CheckBottoms(set, [.. bottoms.Select(level => (string)level!)], top, problems);
        if (values["harvest_levels"] is JsonArray harvested)
            CheckHarvest(set, [.. harvested.Select(level => (string)level!)], top, bottom, (string)values["harvest_format"]!, values, problems);
        if (top >= 0 && bottom >= 0 && top > bottom)
            problems.Add($"The parameter \"top\" ({values["top"]}) is a finer level than \"bottom\" ({values["bottom"]}).");
        var compression = (string)values["compression"]!;
        var format = (string?)values["sampleformat"];
        if (format == "FLOAT32" && compression is not ("raw" or "zip"))
            problems.Add($"The compression {compression} holds no FLOAT32 samples: raw and zip do.");
        var channels = values["samplesperpixel"]?.Deserialize<int>();
        if (compression is "jpg" or "jpg90" or "jpgpng" or "webp" && channels is not null and not 3)
            problems.Add($"The compression {compression} takes 3 channels, not {channels}.");
        if (values["nodata"] is JsonArray nodata)
        {
            if (channels is not null && nodata.Count != channels)
                problems.Add($"The parameter \"nodata\" has {nodata.Count} values for {channels} channels.");
            if (format == "UINT8" && nodata.Any(value => value!.Deserialize<double>() is < 0 or > 255))
                problems.Add("The parameter \"nodata\" has a value outside 0 to 255, the range of UINT8.");
        }
    }

    /// <summary>Adds a sentence for each way in which a harvest cannot update a pyramid.</summary>
    /// <param name="own">The pyramid's parameters.</param>
    public static void CheckHarvestOf(JsonObject own, JsonObject given, ICollection<string> problems)
    {
        var set = TileMatrixSets.Find((string)own["tms"]!)!;
        CheckHarvest(
            set, [.. given["harvest_levels"]!.AsArray().Select(level => (string)level!)], set.PositionOf((string)own["top"]!), set.PositionOf((string)own["bottom"]!),
            (string)given["harvest_format"]!, own, problems);
    }

    private static void CheckBottoms(TileMatrixSet set, IReadOnlyList<string> levels, int top, ICollection<string> problems)
    {
        foreach (var level in levels)
        {
            if (set.PositionOf(level) < Math.Max(top, 0))
                problems.Add($"The parameter \"bottoms\" has \"{level}\": it must be a level of {set.Id}, {set.Matrices[Math.Max(top, 0)].Id} to {set.Matrices[^1].Id}.");
        }

        if (levels.Distinct().Count() != levels.Count)
            problems.Add("The parameter \"bottoms\" names a level twice: rasters for the same levels are one upload, or several without \"bottoms\".");
    }

    private static void CheckHarvest(
        TileMatrixSet set, IReadOnlyList<string> levels, int top, int bottom, string format, JsonObject values, ICollection<string> problems)
    {
        foreach (var level in levels)
        {
            if (set.PositionOf(level) is var position && (position < Math.Max(top, 0) || position > bottom))
                problems.Add($"The parameter \"harvest_levels\" has \"{level}\": it must be a level of {set.Id} from the top down to the bottom, {values["bottom"]}.");
        }

        if (bottom >= 0 && !levels.Contains(set.Matrices[bottom].Id))
            problems.Add($"The parameter \"harvest_levels\" lacks the bottom level, {values["bottom"]}: there is nothing below to make it from.");
        if (levels.Distinct().Count() != levels.Count)
            problems.Add("The parameter \"harvest_levels\" names a level twice.");
        if (((string?)values["sampleformat"] == "FLOAT32") != (format == "image/x-bil;bits=32"))
            problems.Add($"The parameter \"harvest_format\" is {format}, and \"sampleformat\" {values["sampleformat"]}: image/x-bil;bits=32 has FLOAT32 samples, the others UINT8.");
        if (format == "image/jpeg" && values["samplesperpixel"]?.Deserialize<int>() is 1 or 2)
            problems.Add($"The parameter \"samplesperpixel\" is {values["samplesperpixel"]}: maps in image/jpeg have 3 channels.");
    }
}
