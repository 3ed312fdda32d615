using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Security;
using Grid.Interfaces.Catalogue;
using Npgsql;

namespace Grid.Frontend.Operations;

/// <summary>
/// Lets an administrator's browser at the Orleans dashboard, whose pages ask without a bearer token: <c>POST /api/operations/session</c> puts the
/// token into a cookie that scripts cannot read, that is sent to <c>/dashboard</c> only and to no request that another site makes. Everyone else is
/// sent to <c>/operations</c>, which asks who they are.
/// </summary>
public static class DashboardDoor
{
    private const string Cookie = "grid_operator";

    /// <summary>Answers 204 with the cookie.</summary>
    public static IResult Open(HttpContext http)
    {
        var token = http.Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim();
        http.Response.Cookies.Append(Cookie, token, new CookieOptions
        {
            Path = $"{http.Request.PathBase}/dashboard", HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, IsEssential = true,
        });
        return Results.NoContent();
    }

    /// <summary>The filter of the dashboard's routes.</summary>
    public static async ValueTask<object?> AdmitAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var tokens = http.RequestServices.GetRequiredService<TokenAuthority>();
        var headers = http.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        try
        {
            var caller = await tokens.AuthenticateAsync(http.Request.Cookies[Cookie] ?? "", http.RequestAborted);
            caller.RequireAdministrator();
        }
        catch (Exception refused) when (refused is UnauthorizedException or ForbiddenException)
        {
            return Results.Redirect($"{http.Request.PathBase}/operations");
        }
        catch (NpgsqlException)
        {
            return EntrepotErrors.Result(StatusCodes.Status503ServiceUnavailable, "database_unavailable", "The database does not answer: try again in a moment.");
        }

        return await next(context);
    }
}
