using Grid.Cli.Api;

namespace Grid.EndToEnd.Tests;

/// <summary>A delivery that failed its checks, given again with what was wrong corrected.</summary>
[Collection("grid")]
public sealed class CorrectedDeliveryTests(SharedGrid shared)
{
    [Fact]
    public async Task Delivery_in_a_wrong_crs_passes_when_it_is_given_again_in_the_right_one()
    {
        var refused = await Assert.ThrowsAsync<DeliveryException>(() => shared.Producer.UploadAsync(shared.Lot, "corrected", "EPSG:3857"));
        Assert.Contains("EPSG:2154", refused.Message);
        var upload = await shared.Producer.UploadAsync(shared.Lot, "corrected", "EPSG:2154");
        await shared.Producer.Api.DeleteAsync($"{shared.Producer.Datastore}/uploads/{upload}", CancellationToken.None);
    }
}
