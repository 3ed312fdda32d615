using Grid.Interfaces.Catalogue;
using Microsoft.AspNetCore.Http.Features;

namespace Grid.Frontend.Entrepot.Security;

/// <summary>The account that a request's token stands for.</summary>
public sealed record Caller(Guid Id, string Login, string Email, string FirstName, string LastName, bool Administrator)
{
    /// <summary>The caller as events and comments name it.</summary>
    public Initiator Initiator => new(Id, FirstName, LastName);

    /// <exception cref="ForbiddenException">The caller is no administrator.</exception>
    public void RequireAdministrator()
    {
        if (!Administrator)
            throw new ForbiddenException($"This needs an administrator's account, which {Login} is not.");
    }
}

/// <summary>What the caller may do in the datastore of the request's path.</summary>
public sealed record DatastoreAccess(Guid Id, Guid Community, IReadOnlyList<string> Rights)
{
    /// <exception cref="ForbiddenException">The caller lacks the right.</exception>
    public void Require(string right)
    {
        if (!Rights.Contains(right))
            throw new ForbiddenException($"This needs the right {right} in the community of datastore {Id}.");
    }
}

/// <summary>Endpoint metadata: the right that the request needs in its datastore's community.</summary>
public sealed record RequiredRight(string Right);

/// <summary>The caller and the datastore of the current request, known once the gate has let it in.</summary>
public static class CallerContext
{
    public static Caller Caller(this HttpContext http) => http.Features.GetRequiredFeature<Caller>();

    public static DatastoreAccess Datastore(this HttpContext http) => http.Features.GetRequiredFeature<DatastoreAccess>();

    /// <summary>Demands a right in the datastore of the path; without it a request is answered 403.</summary>
    public static TBuilder WithRight<TBuilder>(this TBuilder builder, string right)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RequiredRight(right));
}
