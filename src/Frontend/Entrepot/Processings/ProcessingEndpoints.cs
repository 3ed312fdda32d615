using System.Text.Json.Nodes;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Interfaces.Catalogue;
using Grid.Interfaces.Processings;
using Grid.Interfaces.Uploads;

namespace Grid.Frontend.Entrepot.Processings;

/// <summary>The processings that a datastore may launch. They are part of the program, so nothing of theirs is in the database.</summary>
public static class ProcessingEndpoints
{
    public static void MapProcessings(this RouteGroupBuilder datastore)
    {
        var group = datastore.MapGroup("/processings").WithTags("Processings");
        group.MapGet("/", List).WithSummary("Lists the processings that can be launched.");
        group.MapGet("/{id:guid}", (Guid id) => ProcessingCatalogue.Find(id) is { } found
            ? EntrepotJson.Ok(Show(found, found.Name))
            : throw new NotFoundException("processing", id)).WithSummary("Shows a processing with its parameters and their JSON schemas.");
    }

    private static IResult List(HttpContext http)
    {
        var query = http.Request.Query;
        var shown = new List<JsonObject>();
        foreach (var one in ProcessingCatalogue.All)
        {
            // Clients compare the name with what they asked for, so an alias is answered under its own name.
            var name = new[] { one.Name }.Concat(one.Aliases).FirstOrDefault(name => ListQuery.Matches(name, query.Text("name")));
            if (name is not null
                && Takes(query.Text("input_upload_type"), one.InputUploadTypes)
                && Takes(query.Text("input_stored_data_type"), one.InputStoredDataTypes)
                && Takes(query.Text("output_stored_data_type"), [one.OutputStoredDataType])
                && Takes(query.Text("output_upload_type"), []))
            {
                shown.Add(Show(one, name));
            }
        }

        return ListQuery.Answer(http, shown);
    }

    private static bool Takes(string? wanted, IReadOnlyList<string> types) => wanted is null || types.Contains(wanted, StringComparer.OrdinalIgnoreCase);

    private static JsonObject Show(ProcessingDefinition processing, string name) => new()
    {
        ["_id"] = processing.Id.ToString(),
        ["name"] = name,
        ["description"] = processing.Description,
        ["priority"] = "STANDARD",
        ["input_types"] = new JsonObject { ["upload"] = Texts(processing.InputUploadTypes), ["stored_data"] = Texts(processing.InputStoredDataTypes) },
        ["output_type"] = new JsonObject { ["stored_data"] = processing.OutputStoredDataType, ["storage"] = Texts(processing.OutputStorageTypes) },
        ["parameters"] = new JsonArray([.. processing.Parameters.Select(parameter => (JsonNode)Show(parameter))]),
        ["required_checks"] = new JsonArray([.. CheckCatalogue.All
            .Where(check => processing.RequiredChecks.Contains(check.Name))
            .Select(check => (JsonNode)new JsonObject { ["_id"] = check.Id.ToString(), ["name"] = check.Name, ["description"] = check.Description })]),
    };

    private static JsonObject Show(ProcessingParameter parameter)
    {
        var shown = new JsonObject
        {
            ["name"] = parameter.Name,
            ["description"] = parameter.Description,
            ["mandatory"] = parameter.Mandatory,
            ["constraints"] = parameter.Constraints.DeepClone(),
        };
        if (parameter.Default is not null)
            shown["default_value"] = parameter.Default.DeepClone();
        return shown;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
