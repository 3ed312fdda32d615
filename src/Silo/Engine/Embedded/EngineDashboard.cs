using Microsoft.AspNetCore.Routing;

namespace Grid.Silo.Engine;

/// <summary>The engine's own pages for operators; the embedded engine has none.</summary>
public static class EngineDashboard
{
    /// <summary>Maps them under a prefix; null where the engine has none.</summary>
    public static RouteGroupBuilder? TryMap(IEndpointRouteBuilder routes, string prefix) => null;
}
