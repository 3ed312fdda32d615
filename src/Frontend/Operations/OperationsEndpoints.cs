using Grid.Frontend.Entrepot;
using Grid.Frontend.Entrepot.Security;
using Grid.Silo.Telemetry;

namespace Grid.Frontend.Operations;

/// <summary>What administrators are told of the grid: <c>/metrics</c>. A port of the operators' own, <c>Grid:Telemetry:MetricsPort</c>, asks for no token.</summary>
public static class OperationsEndpoints
{
    public static IEndpointRouteBuilder MapOperations(this IEndpointRouteBuilder routes)
    {
        var gated = routes.MapGated("").ExcludeFromDescription();
        gated.AddEndpointFilter((context, next) =>
        {
            context.HttpContext.Caller().RequireAdministrator();
            return next(context);
        });
        gated.MapMetrics();
        return routes;
    }
}
