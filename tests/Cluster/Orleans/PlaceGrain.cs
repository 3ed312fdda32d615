using Orleans.Placement;

namespace Grid.Cluster.Tests;

[Alias("grid.test.place")]
public interface IPlaceGrain : IGrainWithStringKey
{
    /// <summary>Counts the call and tells the silo that runs the grain.</summary>
    [Alias("Visit")]
    Task<Visit> VisitAsync();
}

[GenerateSerializer, Alias("grid.test.visit"), Immutable]
public sealed record Visit([property: Id(0)] string Silo, [property: Id(1)] int Visits);

[RandomPlacement]
public sealed class PlaceGrain(ILocalSiloDetails silo) : Grain, IPlaceGrain
{
    private int _visits;

    public Task<Visit> VisitAsync() => Task.FromResult(new Visit(silo.SiloAddress.ToParsableString(), ++_visits));
}
