using System.Net;
using System.Text.Json.Nodes;
using Grid.Interfaces.Uploads;
using Npgsql;

namespace Grid.Frontend.Tests.Publication;

/// <summary>What a producer has done before a test begins.</summary>
public static class Producer
{
    public const string RasterPyramid = "2ae50661-986c-4f47-a3f0-e380417b522c";

    public const string OpenEndpoint = "ae032611-13eb-4a18-8d04-9b7604a031cc";

    /// <summary>An upload of rasters that is closed, with the checks given as passed; null stands for all.</summary>
    public static async Task<Guid> CloseUploadAsync(
        this PublicationHost host, string[]? files = null, IReadOnlyList<CheckDefinition>? passed = null, string status = "CLOSED", string type = "RASTER", string srs = "EPSG:2154")
    {
        var id = Guid.NewGuid();
        await host.ExecuteAsync(
            "insert into catalogue.upload (id, datastore, name, type, status, srs, doc) values (@id, @datastore, @name, @type, @status, @srs, '{\"contact\": \"a@b.fr\"}')",
            ("id", id), ("datastore", host.Datastore), ("name", $"lot {id}"), ("type", type), ("status", status), ("srs", srs));
        foreach (var file in files ?? ["ortho/b.tif", "ortho/a.tif", "ortho/a.tfw", "lisez-moi.txt"])
        {
            await host.ExecuteAsync(
                "insert into catalogue.upload_file (upload, path, kind, size, etag, md5) values (@id, @path, 'data', 10, 'e', 'm')", ("id", id), ("path", file));
        }

        foreach (var check in passed ?? CheckCatalogue.All)
        {
            await host.ExecuteAsync(
                "insert into catalogue.check_execution (id, datastore, upload, check_id, status) values (@execution, @datastore, @id, @check, 'SUCCESS')",
                ("execution", Guid.NewGuid()), ("datastore", host.Datastore), ("id", id), ("check", check.Id));
        }

        return id;
    }

    /// <summary>The body of an execution.</summary>
    public static JsonObject Execution(Guid upload, string name, JsonObject? parameters = null) => new()
    {
        ["processing"] = RasterPyramid,
        ["inputs"] = new JsonObject { ["upload"] = new JsonArray(upload.ToString()) },
        ["output"] = new JsonObject { ["stored_data"] = new JsonObject { ["name"] = name, ["storage_tags"] = new JsonArray("IGN", "VECTEUR") } },
        ["parameters"] = parameters ?? new JsonObject { ["tms"] = "PM", ["compression"] = "jpg", ["interpolation"] = "bicubic" },
    };

    /// <summary>Makes a pyramid; returns the execution and the stored data.</summary>
    public static async Task<(string Execution, string StoredData)> BuildAsync(this PublicationHost host, string name)
    {
        var created = await host.PostAsync("processings/executions", Execution(await host.CloseUploadAsync(), name));
        Assert.Equal(HttpStatusCode.Created, created.Status);
        await host.PostAsync($"processings/executions/{created.Id}/launch");
        await host.UntilAsync($"processings/executions/{created.Id}", answer => answer.Text("status") == "SUCCESS");
        return (created.Id, created.Body!["output"]!["stored_data"]!["_id"]!.ToString());
    }

    /// <summary>The body of a configuration; its layer name is unique.</summary>
    public static JsonObject Configuration(string storedData, string top = "0", string bottom = "18") => new()
    {
        ["type"] = "WMTS-TMS",
        ["name"] = "Ortho de la commune",
        ["layer_name"] = $"ORTHO.{Guid.NewGuid():N}",
        ["type_infos"] = new JsonObject
        {
            ["title"] = "Ortho", ["abstract"] = "Vue du ciel", ["keywords"] = new JsonArray("ortho"),
            ["used_data"] = new JsonArray(new JsonObject { ["stored_data"] = storedData, ["bottom_level"] = bottom, ["top_level"] = top }),
        },
        // Sample workflows put this one level too high, where it means nothing.
        ["getfeatureinfo"] = new JsonObject { ["stored_data"] = true },
    };

    /// <summary>Publishes a configuration; returns the offering.</summary>
    public static async Task<string> PublishAsync(this PublicationHost host, string configuration)
    {
        var created = await host.PostAsync($"configurations/{configuration}/offerings", new JsonObject { ["endpoint"] = OpenEndpoint, ["visibility"] = "PRIVATE", ["open"] = false });
        Assert.Equal(HttpStatusCode.Created, created.Status);
        await host.UntilAsync($"offerings/{created.Id}", answer => answer.Text("status") == "PUBLISHED");
        return created.Id;
    }

    public static async Task ExecuteAsync(this PublicationHost host, string statement, params (string Name, object Value)[] values)
    {
        await using var command = host.Database.CreateCommand(statement);
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<T> ScalarAsync<T>(this PublicationHost host, string statement, params (string Name, object Value)[] values)
    {
        await using var command = host.Database.CreateCommand(statement);
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
