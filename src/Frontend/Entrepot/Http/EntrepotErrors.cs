using System.Text.Json;
using System.Text.Json.Nodes;
using Grid.Grains;
using Grid.Interfaces.Catalogue;
using Grid.Storage;
using Npgsql;
using Orleans.Runtime;

namespace Grid.Frontend.Entrepot.Http;

/// <summary>
/// The one table from exceptions to the Entrepôt's error answers, <c>{"error": code, "error_description": [sentence…]}</c>. Clients retry 401,
/// 403 and 5xx, and give up at once on 400, 404 and 409: a refusal that time cannot mend is always one of the latter.
/// </summary>
public static partial class EntrepotErrors
{
    private static readonly (Type Exception, int Status, string Code)[] Table =
    [
        (typeof(UnauthorizedException), StatusCodes.Status401Unauthorized, "unauthorized"),
        (typeof(ForbiddenException), StatusCodes.Status403Forbidden, "forbidden"),
        (typeof(NotFoundException), StatusCodes.Status404NotFound, "not_found"),
        (typeof(ConflictException), StatusCodes.Status409Conflict, "conflict"),
        (typeof(InvalidInputException), StatusCodes.Status400BadRequest, "bad_request"),
        (typeof(InvalidObjectKeyException), StatusCodes.Status400BadRequest, "bad_request"),
        (typeof(JsonException), StatusCodes.Status400BadRequest, "bad_request"),
        (typeof(BadHttpRequestException), StatusCodes.Status400BadRequest, "bad_request"),
        (typeof(TooManyAttemptsException), StatusCodes.Status429TooManyRequests, "too_many_requests"),
        (typeof(StorageFullException), StatusCodes.Status507InsufficientStorage, "storage_full"),
        (typeof(ObjectNotFoundException), StatusCodes.Status404NotFound, "not_found"),
        (typeof(StorageException), StatusCodes.Status503ServiceUnavailable, "storage_unavailable"),
        (typeof(NpgsqlException), StatusCodes.Status503ServiceUnavailable, "database_unavailable"),
        (typeof(TimeoutException), StatusCodes.Status503ServiceUnavailable, "timeout"),
        (typeof(OrleansMessageRejectionException), StatusCodes.Status503ServiceUnavailable, "silo_unavailable"),
    ];

    /// <summary>The answer for an exception. Unknown ones are logged and become a 500 that tells nothing of the host.</summary>
    public static IResult ToResult(Exception exception, ILogger logger)
    {
        foreach (var (type, status, code) in Table)
        {
            // A statement that PostgreSQL refuses is a fault of ours; only its absence is "unavailable".
            if (!type.IsInstanceOfType(exception) || (exception is PostgresException && !Outage.Is(exception)))
                continue;
            if (status >= 500)
            {
                LogUnavailable(logger, code, exception.Message);
                return new AgainLater(Result(status, code, Unavailable(status)));
            }

            return Result(status, code, exception is EntrepotException refused ? [.. refused.Sentences] : [exception.Message]);
        }

        LogUnexpected(logger, exception);
        return Result(StatusCodes.Status500InternalServerError, "internal_error", "The request failed for a reason that is in the server's log.");
    }

    /// <summary>An error answer.</summary>
    public static IResult Result(int status, string code, params string[] sentences) => Results.Json(
        new JsonObject { ["error"] = code, ["error_description"] = new JsonArray([.. sentences.Select(sentence => (JsonNode)sentence)]) },
        EntrepotJson.Options, statusCode: status);

    /// <summary>An answer with the header by which clients know when to try again (RFC 9110 § 10.2.3).</summary>
    private sealed class AgainLater(IResult answer) : IResult
    {
        private const string Seconds = "5";

        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = Seconds;
            return answer.ExecuteAsync(httpContext);
        }
    }

    private static string Unavailable(int status) => status == StatusCodes.Status507InsufficientStorage
        ? "The storage is full: nothing of this request was kept. Free space or add some, then send it again."
        : "A service that Grid relies on does not answer now: nothing of this request was kept. Try again in a moment.";

    [LoggerMessage(1, LogLevel.Error, "An Entrepôt request failed.")]
    private static partial void LogUnexpected(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "An Entrepôt request failed, {Code}: {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string code, string reason);
}

/// <summary>The request carries no valid token.</summary>
public sealed class UnauthorizedException(string sentence) : Exception(sentence);

/// <summary>Too many failed attempts to log in.</summary>
public sealed class TooManyAttemptsException(TimeSpan retryAfter)
    : Exception($"Too many failed attempts: try again in {Math.Ceiling(retryAfter.TotalSeconds)} seconds.")
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}
