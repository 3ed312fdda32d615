using Microsoft.AspNetCore.Routing;
using Orleans.Dashboard;

namespace Grid.Silo.Engine;

/// <summary>The engine's own pages for operators: the Orleans dashboard.</summary>
public static class EngineDashboard
{
    /// <summary>Maps them under a prefix; null where the engine has none.</summary>
    public static RouteGroupBuilder? TryMap(IEndpointRouteBuilder routes, string prefix) => routes.MapOrleansDashboard(prefix);
}
