using Dapper;
using Grid.Frontend.Layers;
using Npgsql;

namespace Grid.Frontend.Health;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can serve, so its database answers and its layers are known.</summary>
public static class HealthEndpoints
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Json(new { status = "live" })).ExcludeFromDescription();
        routes.MapGet("/health/ready", ReadyAsync).ExcludeFromDescription();
        return routes;
    }

    private static async Task<IResult> ReadyAsync(NpgsqlDataSource database, PublishedLayers layers, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            await using var connection = await database.OpenConnectionAsync(limit.Token);
            await connection.ExecuteScalarAsync<int>(new CommandDefinition("select 1", cancellationToken: limit.Token));
            return layers.IsLoaded
                ? Results.Json(new { status = "ready" })
                : Results.Json(new { status = "reading the published layers" }, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            // The reason may name hosts and users: it is in the log of whoever needs the database, not here.
            return Results.Json(new { status = "waiting for the database" }, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
