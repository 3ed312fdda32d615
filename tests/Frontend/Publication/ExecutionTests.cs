using System.Text.Json.Nodes;
using Grid.Interfaces.Pyramids;
using Grid.Interfaces.Uploads;

namespace Grid.Frontend.Tests.Publication;

[Collection("publication")]
public sealed class ExecutionTests(PublicationHost host) : IDisposable
{
    public void Dispose() => host.Builds.Outcome = PyramidBuildStatus.Finished;

    [Theory]
    [InlineData("Calcul%20de%20pyramide%20raster", "Calcul de pyramide raster")]
    [InlineData("Calcul%20ou%20mise%20%C3%A0%20jour%20de%20pyramide%20raster", "Calcul ou mise à jour de pyramide raster")]
    [InlineData("%25PYRAMIDE%20RASTER", "Calcul de pyramide raster")]
    public async Task Processing_is_found_under_either_of_its_names(string filter, string name)
    {
        var found = Assert.Single((await host.GetAsync($"processings?name={filter}")).Items)!;
        Assert.Equal(Producer.RasterPyramid, found["_id"]!.ToString());
        Assert.Equal(name, found["name"]!.ToString());
        Assert.Equal(["Vérification standard", "Vérification raster"], found["required_checks"]!.AsArray().Select(check => check!["name"]!.ToString()));
    }

    [Fact]
    public async Task Processings_that_do_not_exist_are_not_listed() =>
        Assert.Equal("0-0/0", (await host.GetAsync("processings?name=Calcul%20de%20pyramide%20vecteur")).ContentRange);

    [Theory]
    [InlineData("{}", "\"processing\" is missing")]
    [InlineData("{\"processing\": \"2ae50661-986c-4f47-a3f0-e380417b5220\"}", "There is no processing")]
    [InlineData("{\"processing\": \"PM\"}", "must be a UUID")]
    [InlineData("{\"processing\": \"2ae50661-986c-4f47-a3f0-e380417b522c\"}", "\"inputs.upload\" is missing")]
    [InlineData("{\"processing\": \"2ae50661-986c-4f47-a3f0-e380417b522c\"}", "\"output.stored_data\" is missing")]
    public async Task Request_with_faults_is_refused_with_sentences(string body, string sentence)
    {
        var answer = await host.PostAsync("processings/executions", JsonNode.Parse(body));
        Assert.Equal(400, answer.Code);
        Assert.Contains(sentence, answer.Sentences);
    }

    [Theory]
    [InlineData("tms", "\"PN\"", "\"tms\" is \"PN\": allowed are")]
    [InlineData("compression", "\"gif\"", "allowed are raw, jpg, jpg90, png, zip")]
    [InlineData("interpolation", "\"spline\"", "allowed are nn, linear, bicubic, lanczos")]
    [InlineData("bottom", "\"77\"", "the levels of PM are 0 to 21")]
    [InlineData("width", "0", "a whole number from 1 to 64")]
    [InlineData("width", "\"wide\"", "a whole number from 1 to 64")]
    [InlineData("parallelization", "1000000", "from 1 to 64")]
    [InlineData("samplesperpixel", "5", "from 1 to 4")]
    [InlineData("samplesperpixel", "4", "takes 3 channels, not 4")]
    [InlineData("sampleformat", "\"FLOAT32\"", "holds no FLOAT32 samples")]
    [InlineData("mask", "\"perhaps\"", "allowed are true and false")]
    [InlineData("nodata", "[1,2,3,4,5]", "has 5 values")]
    [InlineData("nodata", "[{}]", "must be of type number")]
    public async Task Parameter_outside_its_constraints_is_refused(string name, string value, string sentence)
    {
        var upload = await host.CloseUploadAsync();
        var answer = await host.PostAsync(
            "processings/executions", Producer.Execution(upload, "x", new JsonObject { [name] = JsonNode.Parse(value) }));
        Assert.Equal(400, answer.Code);
        Assert.Contains(sentence, answer.Sentences);
    }

    [Fact]
    public async Task Levels_as_numbers_booleans_as_texts_and_unknown_parameters_are_taken()
    {
        var upload = await host.CloseUploadAsync();
        var created = await host.PostAsync("processings/executions", Producer.Execution(upload, "lenient", new JsonObject
        {
            ["bottom"] = 18, ["top"] = "0", ["mask"] = "True", ["width"] = "8", ["height"] = 8, ["nodata"] = "255,255,255", ["parallelization"] = 4, ["colour"] = "red",
        }));
        Assert.Equal(201, created.Code);
        await host.PostAsync($"processings/executions/{created.Id}/launch");
        await host.UntilAsync($"processings/executions/{created.Id}", answer => answer.Text("status") == "SUCCESS");
        var order = host.Builds.Orders[created.Id];
        Assert.Equal(("18", "0", true, 8, 8), (order.BottomLevel, order.TopLevel, order.Mask, order.TilesPerWidth, order.TilesPerHeight));
        Assert.Equal([255.0, 255.0, 255.0], order.Nodata!);
        Assert.Equal(["ortho/a.tif", "ortho/b.tif"], order.Sources.Select(source => source.Name));
        Assert.Equal($"uploads/{upload}/ortho/a.tif", order.Sources[0].Key);
        Assert.Equal("EPSG:2154", order.SourceCrs);
        var logs = await host.GetAsync($"processings/executions/{created.Id}/logs");
        Assert.Contains(logs.Items, line => line!.ToString().Contains("\"colour\" is unknown"));
    }

    [Fact]
    public async Task Upload_must_be_closed_checked_and_of_rasters()
    {
        async Task<Answer> Try(Guid upload) => await host.PostAsync("processings/executions", Producer.Execution(upload, "x"));
        var open = await Try(await host.CloseUploadAsync(status: "OPEN"));
        Assert.Equal(409, open.Code);
        Assert.Contains("is OPEN", open.Sentences);
        var unchecked_ = await Try(await host.CloseUploadAsync(passed: [CheckCatalogue.Standard]));
        Assert.Equal(409, unchecked_.Code);
        Assert.Contains("Vérification raster", unchecked_.Sentences);
        var vector = await Try(await host.CloseUploadAsync(type: "VECTOR"));
        Assert.Equal(400, vector.Code);
        Assert.Contains("is of type VECTOR", vector.Sentences);
        Assert.Equal(400, (await Try(Guid.NewGuid())).Code);
    }

    [Fact]
    public async Task Failed_build_names_the_file_and_leaves_the_data_unstable_without_objects()
    {
        host.Builds.Outcome = PyramidBuildStatus.Failed;
        var created = await host.PostAsync("processings/executions", Producer.Execution(await host.CloseUploadAsync(), "fails"));
        await host.PostAsync($"processings/executions/{created.Id}/launch");
        await host.UntilAsync($"processings/executions/{created.Id}", answer => answer.Text("status") == "FAILURE");
        var logs = await host.GetAsync($"processings/executions/{created.Id}/logs");
        Assert.Contains(logs.Items, line => line!.ToString().Contains("ERROR||") && line.ToString().Contains("b.tif: the file is cut short"));
        var stored = created.Body!["output"]!["stored_data"]!["_id"]!.ToString();
        Assert.Equal("UNSTABLE", (await host.GetAsync($"stored_data/{stored}")).Text("status"));
        await host.UntilObjectsAsync($"pyramids/{stored}/", 0);
        Assert.Equal(409, (await host.PostAsync($"processings/executions/{created.Id}/launch")).Code);
    }

    [Fact]
    public async Task Running_execution_shows_progress_is_protected_and_can_be_aborted()
    {
        host.Builds.Outcome = PyramidBuildStatus.Running;
        var created = await host.PostAsync("processings/executions", Producer.Execution(await host.CloseUploadAsync(), "aborted"));
        var path = $"processings/executions/{created.Id}";
        var stored = created.Body!["output"]!["stored_data"]!["_id"]!.ToString();
        Assert.Equal(409, (await host.PostAsync($"{path}/abort")).Code);
        await host.PostAsync($"{path}/launch");
        await host.UntilAsync(path, answer => answer.Text("status") == "PROGRESS");
        Assert.Equal("GENERATING", (await host.GetAsync($"stored_data/{stored}")).Text("status"));
        var progress = await host.GetAsync($"{path}/progress");
        Assert.Equal("RUNNING", progress.Text("status"));
        Assert.Equal(0.25, (double)progress.Body!["fraction"]!);
        Assert.Equal(3, (double)progress.Body["time_left_s"]!);
        Assert.Equal("{\"slabs\":[[\"17\",1,2,256,4096]],\"next\":1}", (await host.GetAsync($"{path}/slabs?from=0")).Body!.ToJsonString());
        Assert.Equal(409, (await host.SendAsync(HttpMethod.Delete, path)).Code);
        Assert.Equal(409, (await host.SendAsync(HttpMethod.Delete, $"stored_data/{stored}")).Code);
        Assert.Equal(204, (await host.PostAsync($"{path}/abort")).Code);
        await host.UntilAsync(path, answer => answer.Text("status") == "ABORTED");
        Assert.Equal("UNSTABLE", (await host.GetAsync($"stored_data/{stored}")).Text("status"));
        Assert.Equal(204, (await host.SendAsync(HttpMethod.Delete, $"stored_data/{stored}")).Code);
        Assert.Equal(204, (await host.SendAsync(HttpMethod.Delete, path)).Code);
        Assert.Equal(404, (await host.GetAsync(path)).Code);
    }

    [Fact]
    public async Task Execution_goes_on_by_itself_after_its_process_was_lost()
    {
        host.Builds.Outcome = PyramidBuildStatus.Running;
        var created = await host.PostAsync("processings/executions", Producer.Execution(await host.CloseUploadAsync(), "lost"));
        await host.PostAsync($"processings/executions/{created.Id}/launch");
        await host.UntilAsync($"processings/executions/{created.Id}", answer => answer.Text("status") == "PROGRESS");
        await host.LoseProcessAsync();
        host.Builds.Become(created.Id, PyramidBuildStatus.Finished, 1);
        // No call wakes the grain: its reminder does.
        await host.UntilAsync($"processings/executions/{created.Id}", answer => answer.Text("status") == "SUCCESS");
        Assert.Equal(1, host.Builds.Starts[created.Id]);
    }
}
