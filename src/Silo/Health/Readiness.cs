using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grid.Silo.Health;

/// <summary>Something without which a process cannot serve. Registered as a service; <see cref="Readiness"/> asks all that are.</summary>
/// <param name="Name">One word, the key in the answer.</param>
/// <param name="Waiting">What the process does while it does not hold, such as <c>waiting for the database</c>. It tells nothing of the host.</param>
/// <param name="HoldsAsync">Whether it holds now. What it throws counts as no.</param>
public sealed record ReadinessCheck(string Name, string Waiting, Func<CancellationToken, Task<bool>> HoldsAsync);

/// <summary>Whether this process can serve now.</summary>
public sealed class Readiness(IEnumerable<ReadinessCheck> checks)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private readonly ReadinessCheck[] _checks = [.. checks];

    /// <summary>Each check and whether it holds; one without an answer for three seconds does not.</summary>
    public async Task<IReadOnlyList<(ReadinessCheck Check, bool Holds)>> AskAsync(CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        return await Task.WhenAll(_checks.Select(async check => (check, await HoldsAsync(check, limit.Token))));
    }

    private static async Task<bool> HoldsAsync(ReadinessCheck check, CancellationToken cancellation)
    {
        try
        {
            return await check.HoldsAsync(cancellation).WaitAsync(cancellation);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // The reason may name hosts and users: it is in the log of whoever needs the thing, not here.
            return false;
        }
    }
}

/// <summary>
/// <c>/health/live</c>: the process answers. <c>/health/ready</c>: it can serve, so its database and its store answer and it has joined its cluster;
/// else 503 with what it waits for.
/// </summary>
public static class HealthEndpoints
{
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Json(new { status = "live" })).ExcludeFromDescription();
        routes.MapGet("/health/ready", async (Readiness readiness, CancellationToken cancellation) =>
        {
            var checks = await readiness.AskAsync(cancellation);
            var waiting = checks.FirstOrDefault(check => !check.Holds).Check;
            return Results.Json(
                new { status = waiting?.Waiting ?? "ready", checks = checks.ToDictionary(check => check.Check.Name, check => check.Holds) },
                statusCode: waiting is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).ExcludeFromDescription();
        return routes;
    }
}
