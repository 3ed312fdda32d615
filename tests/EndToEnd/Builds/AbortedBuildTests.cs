using System.Text.Json.Nodes;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>A producer can end a build that runs.</summary>
[Collection("grid")]
public sealed class AbortedBuildTests(SharedGrid shared)
{
    [Fact]
    public async Task Aborted_build_leaves_no_pyramid_to_publish()
    {
        var producer = shared.Producer;
        var (execution, storedData) = await producer.LaunchAsync(
            shared.Upload, "aborted", new JsonObject { ["compression"] = "png", ["bottom"] = "21", ["width"] = 1, ["height"] = 1 });
        while ((await producer.Api.GetAsync($"{producer.Datastore}/processings/executions/{execution}", default))["status"]!.ToString() is "WAITING")
            await Task.Delay(10);
        await producer.Api.PostAsync($"{producer.Datastore}/processings/executions/{execution}/abort", null, default);

        Assert.Equal("ABORTED", await producer.EndOfAsync(execution));
        var pyramid = await producer.Api.GetAsync($"{producer.Datastore}/stored_data/{storedData}", default);
        Assert.NotEqual("GENERATED", (string?)pyramid["status"]);
        var log = await producer.Api.ListAsync($"{producer.Datastore}/processings/executions/{execution}/logs", default);
        Assert.Contains(log, line => line!.ToString().Contains("bort", StringComparison.Ordinal));
    }
}
