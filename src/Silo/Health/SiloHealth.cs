using Dapper;
using Grid.Grains.Pyramids;
using Grid.Silo.Engine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;

namespace Grid.Silo.Health;

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: the silo has joined, which it has before it listens, and its database answers.
/// <c>/health/silo</c>: what it does, and the cluster as it sees it.
/// </summary>
public static class SiloHealth
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    public static IEndpointRouteBuilder MapSiloHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Json(new { status = "live" }));
        routes.MapGet("/health/ready", ReadyAsync);
        routes.MapGet("/health/silo", (ISiloMembers silo, RegionSlots regions) =>
            Results.Json(new { name = silo.Name, regions = regions.Taken, silos = silo.Members }));
        return routes;
    }

    private static async Task<IResult> ReadyAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            await using var connection = await database.OpenConnectionAsync(limit.Token);
            await connection.ExecuteScalarAsync<int>(new CommandDefinition("select 1", cancellationToken: limit.Token));
            return Results.Json(new { status = "ready" });
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            // The reason may name hosts and users: it is in the log of whoever needs the database, not here.
            return Results.Json(new { status = "waiting for the database" }, statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
