using Grid.Frontend.Entrepot;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Security;
using Grid.Silo.Engine;
using Grid.Silo.Telemetry;

namespace Grid.Frontend.Operations;

/// <summary>
/// What administrators are told of the grid: <c>/metrics</c>, <c>/api/operations</c> behind the page <c>/operations</c>, and the engine's own
/// <c>/dashboard</c> where it has one. A port of the operators' own, <c>Grid:Telemetry:MetricsPort</c>, tells metrics without a token.
/// </summary>
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
        gated.MapGet("/api/operations", async (OperationsView view, HttpContext http) =>
        {
            http.Response.Headers.CacheControl = "no-store";
            return EntrepotJson.Ok(await view.ShowAsync(http.RequestAborted));
        });
        gated.MapPost("/api/operations/session", DashboardDoor.Open);
        gated.MapPost("/api/operations/reload", async (Reload reload, HttpContext http) =>
        {
            await reload.RunAsync(http.RequestAborted);
            await reload.TellOthersAsync(http.RequestAborted);
            return Results.NoContent();
        });
        gated.MapServiceSwitches();
        routes.MapHealthChecks(gated);
        if (EngineDashboard.TryMap(routes, "/dashboard") is { } dashboard)
            dashboard.ExcludeFromDescription().AddEndpointFilter(DashboardDoor.AdmitAsync);
        else
            routes.MapGet("/dashboard", () => Results.Text(NoDashboard, "text/html; charset=utf-8")).ExcludeFromDescription();
        return routes;
    }

    private const string NoDashboard =
        """
        <!doctype html><html lang="en"><meta charset="utf-8"><title>Grid: no dashboard of the engine</title>
        <h1>This engine has no dashboard of its own</h1>
        <p>The Orleans dashboard comes with the engine Orleans; this grid runs on the embedded one. What its grains do is at
        <a href="operations">Operations</a>.</p></html>

        """;
}
