using System.Net;
using System.Text.Json.Nodes;
using Grid.Fixtures;

namespace Grid.EndToEnd.Tests.BadInput;

/// <summary>Executions and uploads that are used against their order.</summary>
[Collection(SharedGrid.Collection)]
public sealed class ExecutionTests(SharedGrid shared)
{
    private static readonly Dalle _large = new()
    {
        Width = 8000, Height = 8000, Place = (700_000, 6_601_600, 701_600, 6_600_000), Options = ["COMPRESS=DEFLATE", "TILED=YES"],
    };

    private readonly Producer _producer = shared.Producer;

    [Fact]
    public async Task Execution_launched_twice_runs_once()
    {
        var upload = await ClosedAsync("twice");
        var execution = (string)Producer.Succeeded(await _producer.OrderAsync(upload, "twice")).Body!["_id"]!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _producer.PostAsync($"processings/executions/{execution}/launch")));
        Assert.Single(answers, answer => (int)answer.Status < 300);
        Assert.All(answers.Where(answer => (int)answer.Status >= 300), answer =>
        {
            Assert.Equal(HttpStatusCode.Conflict, answer.Status);
            Assert.Contains("only a CREATED one can be launched", answer.Error);
        });
        var ending = await _producer.BuildEndedAsync(execution);
        Assert.Equal("SUCCESS", ending.Status);
        Assert.Single(ending.Log, line => line.Contains("Launched by", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Execution_aborted_at_once_ends_aborted()
    {
        var upload = await ClosedAsync("aborted", _large);
        var execution = await _producer.LaunchAsync(upload, "aborted", Long());
        Producer.Succeeded(await _producer.PostAsync($"processings/executions/{execution}/abort"));
        Assert.Equal("ABORTED", (await _producer.BuildEndedAsync(execution)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await _producer.PostAsync($"processings/executions/{execution}/abort")).Status);

        // What was aborted stands in the way of nothing.
        Assert.Equal("SUCCESS", (await _producer.BuildEndedAsync(await _producer.LaunchAsync(upload, "aborted again"))).Status);
    }

    [Fact]
    public async Task Upload_in_use_cannot_go_and_one_that_has_gone_cannot_be_used()
    {
        var upload = await ClosedAsync("deleted", _large);
        var execution = await _producer.LaunchAsync(upload, "deleted", Long());
        var refused = await _producer.SendAsync(HttpMethod.Delete, $"uploads/{upload}");
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("is being read by a processing execution", refused.Error);
        Assert.Equal("CLOSED", (string?)(await _producer.GetAsync($"uploads/{upload}"))["status"]);
        Producer.Succeeded(await _producer.PostAsync($"processings/executions/{execution}/abort"));
        await _producer.BuildEndedAsync(execution);
        Producer.Succeeded(await _producer.SendAsync(HttpMethod.Delete, $"uploads/{upload}"));

        var late = (string)Producer.Succeeded(await _producer.OrderAsync(await ClosedAsync("deleted before"), "late")).Body!["_id"]!;
        var input = (await _producer.GetAsync($"processings/executions/{late}"))["inputs"]!["upload"]![0]!["_id"]!;
        Producer.Succeeded(await _producer.SendAsync(HttpMethod.Delete, $"uploads/{input}"));
        var answer = await _producer.PostAsync($"processings/executions/{late}/launch");
        Assert.Equal(HttpStatusCode.Conflict, answer.Status);
        Assert.Contains("DELETED", answer.Error);
    }

    [Fact]
    public async Task Files_that_vanish_from_the_storage_fail_the_build_by_name()
    {
        var upload = await ClosedAsync("vanished");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(shared.Grid.Data, "objects"), "dalle.tif", SearchOption.AllDirectories).Where(path => path.Contains(upload, StringComparison.Ordinal)))
            File.Delete(file);
        var ending = await _producer.BuildEndedAsync(await _producer.LaunchAsync(upload, "vanished"));
        Assert.Equal("FAILURE", ending.Status);
        ending.Error("dalle.tif: the file cannot be opened");
    }

    // About 900 million pixels: a build that an order sent after its launch meets for sure.
    private static JsonObject Long() => new() { ["tms"] = "PM", ["compression"] = "png", ["bottom"] = "21", ["width"] = 1, ["height"] = 1 };

    private async Task<string> ClosedAsync(string name, Dalle? dalle = null)
    {
        var upload = await _producer.DepositAsync(name, "EPSG:2154", await (dalle ?? new Dalle()).WriteAsync(shared.NewFolder(), "dalle.tif"));
        Assert.Equal("CLOSED", (await _producer.CheckAsync(upload)).Status);
        return upload;
    }
}
