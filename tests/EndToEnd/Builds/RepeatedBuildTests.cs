using System.Text.Json.Nodes;

namespace Grid.EndToEnd.Tests.Builds;

/// <summary>A pyramid is a function of the lot and the parameters.</summary>
[Collection("grid")]
public sealed class RepeatedBuildTests(SharedGrid shared)
{
    [Fact]
    public async Task Two_builds_of_a_lot_give_the_same_bytes()
    {
        var parameters = new JsonObject { ["compression"] = "jpg90", ["mask"] = true };
        var first = StoredPyramid.Read(shared.Grid, await shared.Producer.BuildAsync(shared.Upload, "first", parameters.DeepClone().AsObject()));
        var second = StoredPyramid.Read(shared.Grid, await shared.Producer.BuildAsync(shared.Upload, "second", parameters));

        SamePyramids.Check(first, second);
    }
}
