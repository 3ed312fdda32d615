namespace Grid.Tiling.Tests;

public class RestrictedTileMatrixSetTests
{
    [Theory]
    [InlineData("PM_0_19", "PM", "0", "19")]
    [InlineData("2154_5cm_6_22", "2154_5cm", "6", "22")]
    [InlineData("LAMB93_2.5m_EUE_3_16", "LAMB93_2.5m_EUE", "3", "16")]
    [InlineData("LAMB93_1M_MNT_0_8", "LAMB93_1M_MNT", "0", "8")]
    [InlineData("4326_2_2", "4326", "2", "2")]
    [InlineData("PM", "PM", "0", "21")]
    [InlineData("2154_1M_MNT", "2154_1M_MNT", "0", "17")]
    public void Restricted_and_whole_names_are_read(string name, string set, string top, string bottom)
    {
        Assert.True(RestrictedTileMatrixSet.TryParse(name, out var restricted));
        Assert.Equal((set, top, bottom), (restricted.Set.Id, restricted.Top, restricted.Bottom));
    }

    [Theory]
    [InlineData("PM_19_0")]
    [InlineData("PM_0_22")]
    [InlineData("PM_0")]
    [InlineData("PM_")]
    [InlineData("_0_1")]
    [InlineData("")]
    [InlineData("BOGUS_0_19")]
    public void Names_of_no_known_levels_are_refused(string name) => Assert.False(RestrictedTileMatrixSet.TryParse(name, out _));

    [Fact]
    public void Names_written_for_every_set_are_read_back()
    {
        foreach (var set in TileMatrixSets.All)
        {
            var written = RestrictedTileMatrixSet.Of(set, set.Matrices[1].Id, set.Matrices[^2].Id);
            Assert.True(RestrictedTileMatrixSet.TryParse(written.Name, out var read));
            Assert.Equal(written, read);
            var matrices = read.ToTileMatrixSet();
            Assert.Equal(set.Matrices.Count - 2, matrices.Matrices.Count);
            Assert.Equal(written.Name, matrices.Id);
        }
    }

    [Fact]
    public void Levels_that_a_set_lacks_are_refused_with_those_it_has()
    {
        var error = Assert.Throws<ArgumentException>(() => RestrictedTileMatrixSet.Of(TileMatrixSets.Find("PM")!, "4", "30"));
        Assert.Contains("levels go from 0 (top) to 21 (bottom)", error.Message, StringComparison.Ordinal);
    }
}
