using System.Text.Json.Nodes;
using Grid.Imaging.Styles;
using Grid.Interfaces.Catalogue;
using Orleans;

namespace Grid.Grains.Catalogue;

/// <summary>One static: its row, its file, and whether it may go.</summary>
public sealed class StaticGrain(CatalogueStore store, StyleDocuments documents, UsedStyles used) : Grain, IStaticGrain
{
    private Guid Id => Guid.Parse(this.GetPrimaryKeyString());

    public async Task CreateAsync(NewStatic created)
    {
        if (created.Type != StaticTypes.Rok4Style)
            throw new InvalidInputException($"Statics of type \"{created.Type}\" are not supported: the supported type is {StaticTypes.Rok4Style}.");
        var doc = new JsonObject { ["type_infos"] = Describe(Read(created.File)) };
        if (created.Description is not null)
            doc["description"] = created.Description;
        var columns = new Dictionary<string, object?>
        {
            ["datastore"] = created.Datastore, ["name"] = created.Name, ["type"] = created.Type, ["digest"] = await documents.KeepAsync(created.File.Content),
        };
        await store.InsertAsync(EntityTable.Static, Id, columns, doc);
    }

    public async Task ReplaceAsync(StaticFile file)
    {
        var row = await store.ReadAsync(EntityTable.Static, Id);
        var style = Read(file);
        await used.CheckReplacementAsync(row, style);
        var doc = row.Doc;
        doc["type_infos"] = Describe(style);
        await store.UpdateAsync(EntityTable.Static, Id, new Dictionary<string, object?> { ["digest"] = await documents.KeepAsync(file.Content) }, doc);
    }

    public async Task PatchAsync(string patchJson)
    {
        var row = await store.ReadAsync(EntityTable.Static, Id);
        var patch = JsonNode.Parse(patchJson) as JsonObject ?? throw new InvalidInputException("The body must be a JSON object.");
        var problems = new List<string>();
        var columns = new Dictionary<string, object?>();
        if (EntityMembers.Text(patch, "name", 1, 255, problems) is { } name && name != row.Text("name"))
        {
            if ((await used.ConfigurationsOfAsync(row)).Any(user => user.ByName))
                problems.Add($"The static {row.Text("name")} is used by its name: it keeps it while it is.");
            columns["name"] = name;
        }

        var doc = row.Doc;
        EntityMembers.CopyText(patch, doc, "description", 0, 65_536, problems);
        EntityMembers.CopyObject(patch, doc, "extra", problems);
        if (problems.Count > 0)
            throw new InvalidInputException(problems);
        await store.UpdateAsync(EntityTable.Static, Id, columns, doc);
    }

    public async Task DeleteAsync()
    {
        var row = await store.ReadAsync(EntityTable.Static, Id);
        if ((await used.ConfigurationsOfAsync(row)).FirstOrDefault() is { } user)
            throw new ConflictException($"The static {Id} is used by the configuration {user.Id}: take it out of that one's styles first.");
        await store.DeleteAsync(EntityTable.Static, Id);
    }

    private static Rok4Style Read(StaticFile file)
    {
        try
        {
            return Rok4StyleJson.Read(file.Content, file.Name);
        }
        catch (InvalidStyleException wrong)
        {
            throw new InvalidInputException(wrong.Message);
        }
    }

    private static JsonObject Describe(Rok4Style style)
    {
        var infos = new JsonObject { ["identifier"] = style.Identifier };
        if (style.Legend is { } legend)
            infos["legend_url"] = legend.Url;
        return infos;
    }
}
