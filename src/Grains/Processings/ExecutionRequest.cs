using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Grains.Catalogue;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Processings;

namespace Grid.Grains.Processings;

/// <summary>The body of a processing execution, checked in itself; whether inputs and output exist is for the grain to see.</summary>
public sealed record ExecutionRequest
{
    public required ProcessingDefinition Processing { get; init; }

    /// <summary>Uploads taken as input, in the order given.</summary>
    public required IReadOnlyList<Guid> Uploads { get; init; }

    /// <summary>Stored data taken as input, in the order given.</summary>
    public IReadOnlyList<Guid> StoredData { get; init; } = [];

    /// <summary>Stored data to make a new version of; null when new stored data are to be made.</summary>
    public Guid? OutputId { get; init; }

    /// <summary>Name of the new stored data; empty when there is an <see cref="OutputId"/>.</summary>
    public string OutputName { get; init; } = "";

    /// <summary>Labels of the storage that new stored data are wanted in.</summary>
    public IReadOnlyList<string> StorageTags { get; init; } = [];

    public required JsonObject Parameters { get; init; }

    public IReadOnlyList<string> UnknownParameters { get; init; } = [];

    public JsonObject? Callback { get; init; }

    /// <summary>Reads a body. Faults add sentences to <paramref name="problems"/>; null when the processing is not known.</summary>
    public static ExecutionRequest? Read(JsonObject body, List<string> problems)
    {
        var id = EntityMembers.Id(body["processing"], "processing", problems);
        if (body["processing"] is null)
            problems.Add("\"processing\" is missing: the id of a processing.");
        if (id is not { } known || ProcessingCatalogue.Find(known) is not { } processing)
        {
            if (id is not null)
                problems.Add($"There is no processing {id}.");
            return null;
        }

        var inputs = body["inputs"] as JsonObject ?? [];
        var uploads = Ids(inputs["upload"], "inputs.upload", problems);
        var storedData = Ids(inputs["stored_data"], "inputs.stored_data", problems);
        CheckNumber(processing, "upload", uploads, processing.Uploads, processing.InputUploadTypes, problems);
        CheckNumber(processing, "stored_data", storedData, processing.StoredData, processing.InputStoredDataTypes, problems);

        if (processing.TakesEitherInput && uploads.Count == 0 == (storedData.Count == 0))
        {
            problems.Add($"\"inputs\" {(uploads.Count == 0 ? "is empty" : "has both uploads and stored data")}: \"{processing.Name}\" takes either uploads of type "
                + $"{string.Join(", ", processing.InputUploadTypes)} or stored data of type {string.Join(", ", processing.InputStoredDataTypes)}.");
        }

        var output = (body["output"] as JsonObject)?["stored_data"] as JsonObject;
        if (output is null)
            problems.Add("\"output.stored_data\" is missing: {name} for new stored data, {_id} to make a new version of existing ones.");
        var outputId = EntityMembers.Id(output?["_id"] ?? output?["id"], "output.stored_data._id", problems);
        var name = output is null ? null : EntityMembers.Text(output, "name", 1, 255, problems);
        if (output is not null && outputId is null && output["_id"] is null && output["id"] is null && output["name"] is null)
            problems.Add("\"output.stored_data\" must have a name or an _id.");
        if (output?["storage_type"] is { } storage && !processing.OutputStorageTypes.Contains(storage.ToString()))
            problems.Add($"\"output.stored_data.storage_type\" is \"{storage}\": \"{processing.Name}\" stores in {string.Join(" or ", processing.OutputStorageTypes)}.");
        if (body["callback"] is not null and not JsonObject)
            problems.Add("\"callback\" must be an object.");
        var parameters = RasterPyramidParameters.Read(processing, body["parameters"], storedData.Count > 0 && !processing.TakesEitherInput, problems, out var unknown);
        if (parameters["bottoms"] is JsonArray bottoms && bottoms.Count != uploads.Count)
            problems.Add($"The parameter \"bottoms\" has {bottoms.Count} levels for {uploads.Count} uploads: one an upload, in the same order.");
        return new ExecutionRequest
        {
            Processing = processing, Uploads = uploads, StoredData = storedData, OutputId = outputId, OutputName = name ?? "",
            StorageTags = output?["storage_tags"] is JsonArray tags ? [.. tags.Take(100).OfType<JsonValue>().Select(tag => tag.ToString())] : [], Parameters = parameters, UnknownParameters = unknown,
            Callback = body["callback"]?.DeepClone() as JsonObject,
        };
    }

    private static void CheckNumber(
        ProcessingDefinition processing, string kind, List<Guid> ids, (int Least, int Most) allowed, IReadOnlyList<string> types, List<string> problems)
    {
        if (ids.Count > 0 && allowed.Most == 0)
            problems.Add($"\"{processing.Name}\" takes no {kind.Replace('_', ' ')} as input.");
        else if (ids.Count < allowed.Least)
            problems.Add($"\"inputs.{kind}\" {(ids.Count == 0 ? "is missing" : $"has {ids.Count} ids")}: \"{processing.Name}\" takes at least {allowed.Least} of type {string.Join(", ", types)}.");
        else if (ids.Count > allowed.Most)
            problems.Add($"\"inputs.{kind}\" has {ids.Count} ids: \"{processing.Name}\" takes at most {allowed.Most}.");
        if (ids.Distinct().Count() != ids.Count)
            problems.Add($"\"inputs.{kind}\" names one twice.");
    }

    private static List<Guid> Ids(JsonNode? node, string member, List<string> problems)
    {
        JsonNode?[] items = node switch { null => [], JsonArray array => [.. array], _ => [node] };
        if (items.Length > 1000)
        {
            problems.Add($"\"{member}\" has {items.Length} ids: at most 1000 are allowed.");
            return [];
        }

        // An id may come as the entity that was read, too.
        return [.. items.Select(item => EntityMembers.Id(item is JsonObject entity ? entity["_id"] : item, member, problems)).OfType<Guid>()];
    }
}
