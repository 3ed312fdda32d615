using Grid.Grains;
using Grid.Storage;

namespace Grid.Frontend;

/// <summary>
/// Answers for services that have no words of their own for it: while the database, a silo or the store is away, requests are answered 503 with
/// <c>Retry-After</c>, which clients and proxies understand, and not as a fault of the program.
/// </summary>
public static partial class OutageAnswers
{
    public static void UseOutageAnswers(this IApplicationBuilder app)
    {
        var log = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OutageAnswers));
        app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            catch (Exception failure) when ((failure is StorageException || Outage.Is(failure)) && !http.Response.HasStarted)
            {
                LogAway(log, http.Request.Path, failure.Message);
                http.Response.ContentLength = null;
                http.Response.ContentType = null;
                http.Response.Headers.ETag = default;
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                http.Response.Headers.RetryAfter = "5";
                http.Response.Headers.CacheControl = "no-store";
            }
        });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} cannot be answered now: {Reason}")]
    private static partial void LogAway(ILogger log, PathString path, string reason);
}
