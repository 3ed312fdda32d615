using Grid.Frontend.Entrepot.Http;
using Grid.Interfaces.Catalogue;
using Npgsql;

namespace Grid.Frontend.Entrepot.Security;

/// <summary>
/// Stands before every route under <c>/api</c>: finds the caller from the bearer token, the datastore from the path and the caller's rights in
/// it, and turns what the handler throws into the Entrepôt's error answers. A route outside a community's datastore needs a token alone.
/// </summary>
public sealed class EntrepotGate(TokenAuthority tokens, NpgsqlDataSource database, ILogger<EntrepotGate> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        try
        {
            await AdmitAsync(http);
            return await next(context);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return Results.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
        catch (Exception exception)
        {
            if (exception is UnauthorizedException)
                http.Response.Headers.WWWAuthenticate = "Bearer";
            return EntrepotErrors.ToResult(exception, logger);
        }
    }

    private async Task AdmitAsync(HttpContext http)
    {
        var caller = await tokens.AuthenticateAsync(BearerToken(http.Request), http.RequestAborted);
        http.Features.Set(caller);
        if (!http.Request.RouteValues.TryGetValue("datastore", out var value))
            return;
        if (!Guid.TryParse(value as string, out var datastore))
            throw new NotFoundException($"There is no datastore \"{value}\".");
        var access = await FindAccessAsync(datastore, caller, http.RequestAborted);
        http.Features.Set(access);
        if (http.GetEndpoint()?.Metadata.GetMetadata<RequiredRight>() is { } required)
            access.Require(required.Right);
    }

    private async Task<DatastoreAccess> FindAccessAsync(Guid datastore, Caller caller, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            """
            select d.community, d.active, m.rights, c.doc->'supervisor'->>'_id' = @account::text
            from catalogue.datastore d join catalogue.community c on c.id = d.community
            left join catalogue.membership m on m.community = d.community and m.account = @account
            where d.id = @datastore
            """);
        command.Parameters.AddWithValue("datastore", datastore);
        command.Parameters.AddWithValue("account", caller.Id);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            throw new NotFoundException("datastore", datastore);
        var supervisor = !reader.IsDBNull(3) && reader.GetBoolean(3);
        if (reader.IsDBNull(2) && !caller.Administrator && !supervisor)
            throw new ForbiddenException($"You are not a member of the community of datastore {datastore}.");
        if (!reader.GetBoolean(1))
            throw new ForbiddenException($"Datastore {datastore} is not active.");
        var rights = caller.Administrator || supervisor ? Rights.All : reader.GetFieldValue<string[]>(2);
        return new DatastoreAccess(datastore, reader.GetGuid(0), rights);
    }

    private static string BearerToken(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header.Length > 7
            ? header[7..].Trim()
            : throw new UnauthorizedException("A bearer token is required: ask the token endpoint for one.");
    }
}
