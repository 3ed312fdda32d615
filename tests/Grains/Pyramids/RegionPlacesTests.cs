using Grid.Grains.Pyramids;

namespace Grid.Grains.Tests.Pyramids;

public class RegionPlacesTests
{
    [Fact]
    public void Regions_fill_silos_in_the_measure_of_their_places()
    {
        var places = new RegionPlaces<string>();
        (string, int)[] silos = [("large", 8), ("small", 2), ("tiles only", 0)];
        var chosen = Choose(places, silos, 0, 10).CountBy(silo => silo).ToDictionary();
        Assert.Equal(new() { ["large"] = 8, ["small"] = 2 }, chosen);
    }

    [Fact]
    public void A_region_goes_where_another_has_ended()
    {
        var places = new RegionPlaces<int>();
        (int, int)[] silos = [(1, 4), (2, 4), (3, 4)];
        var chosen = Choose(places, silos, 0, 12);
        var ended = chosen.FindIndex(silo => silo == 2);
        places.Leave($"region {ended}");
        Assert.Equal([2], Choose(places, silos, 12, 1));
    }

    [Fact]
    public void A_silo_that_joins_is_filled_first_and_one_that_was_lost_gives_its_regions_to_the_rest()
    {
        var places = new RegionPlaces<int>();
        Choose(places, [(1, 4), (2, 4)], 0, 8);
        Assert.Equal([3, 3, 3, 3], Choose(places, [(1, 4), (2, 4), (3, 4)], 8, 4));
        // Silo 2 is gone, and all that the build had there and on the first is started again: twelve regions on two silos.
        var moved = Choose(places, [(1, 4), (3, 4)], 0, 8);
        Assert.Equal(6, moved.Count(silo => silo == 1));
    }

    [Fact]
    public void Without_a_silo_that_computes_regions_there_is_no_choice()
    {
        var places = new RegionPlaces<int>();
        Assert.False(places.TryChoose("region", [(1, 0)], out _));
        Assert.False(places.TryChoose("region", [], out _));
    }

    private static List<TSilo> Choose<TSilo>(RegionPlaces<TSilo> places, (TSilo, int)[] silos, int first, int count)
        where TSilo : notnull
    {
        var chosen = new List<TSilo>();
        for (var region = first; region < first + count; region++)
        {
            Assert.True(places.TryChoose($"region {region}", silos, out var silo));
            chosen.Add(silo);
        }

        return chosen;
    }
}
