using Grid.Grains.Pyramids;
using Grid.Silo.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grid.Silo.Health;

/// <summary><c>/health/silo</c>: what a silo does, and the cluster as it sees it.</summary>
public static class SiloHealth
{
    public static IEndpointRouteBuilder MapSiloHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/silo", (ISiloMembers silo, RegionSlots regions) =>
            Results.Json(new { name = silo.Name, regions = regions.Taken, silos = silo.Members }));
        return routes;
    }
}
