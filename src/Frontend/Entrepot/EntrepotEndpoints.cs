using Grid.Frontend.Entrepot.Checks;
using Grid.Frontend.Entrepot.Communities;
using Grid.Frontend.Entrepot.Datastores;
using Grid.Frontend.Entrepot.Http;
using Grid.Frontend.Entrepot.Lists;
using Grid.Frontend.Entrepot.Security;
using Grid.Frontend.Entrepot.Seed;
using Grid.Frontend.Entrepot.Statics;
using Grid.Frontend.Entrepot.Uploads;
using Grid.Frontend.Entrepot.Users;
using Grid.Frontend.Maps;
using Grid.Grains;

namespace Grid.Frontend.Entrepot;

/// <summary>
/// The producers' REST API. Handlers take <see cref="HttpContext"/>, ids of the path and services; they read bodies with
/// <see cref="RequestBody"/>, throw the exceptions of <c>Grid.Interfaces.Catalogue</c> and return <see cref="EntrepotJson"/> results. Lists go
/// through <see cref="ListQuery"/>, single entities through <see cref="EntityReader"/> and <see cref="EntityView"/>; everything that changes
/// goes through the entity's grain.
/// </summary>
public static class EntrepotEndpoints
{
    /// <summary>Adds the services of the API. The host adds the grain engine, the object stores and an <c>NpgsqlDataSource</c>.</summary>
    public static IServiceCollection AddEntrepot(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<EntrepotOptions>().Bind(configuration.GetSection(EntrepotOptions.Section)).PostConfigure(options => options.WithDefaults().Validate());
        var servers = configuration.GetSection("Grid:FeatureInfo").Get<ExternalInfoOptions>() ?? new ExternalInfoOptions();
        servers.Validate();
        services.AddSingleton(servers);
        services.AddHttpClient(nameof(ExternalIssuer)).ConfigurePrimaryHttpMessageHandler(() => new HttpClientHandler { AllowAutoRedirect = false });
        services.AddUploadGrains();
        services.AddSingleton<Secrets>();
        services.AddSingleton<TokenAuthority>();
        services.AddSingleton<ExternalIssuer>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<PublicAddress>();
        services.AddSingleton<ListQuery>();
        services.AddSingleton<EntityReader>();
        services.AddSingleton<LogQuery>();
        services.AddSingleton<DatastoreReader>();
        services.AddHostedService<EntrepotSeed>();
        services.AddHostedService<UploadResumption>();
        return services;
    }

    /// <summary>Maps the token endpoint and the routes under <c>/api</c>.</summary>
    public static IEndpointRouteBuilder MapEntrepot(this IEndpointRouteBuilder routes)
    {
        routes.MapTokens();
        var api = routes.MapApiGroup();
        api.MapUsers();
        api.MapCommunities();
        api.MapTileMatrixSets();
        var datastore = routes.MapDatastoreGroup();
        datastore.MapDatastores();
        datastore.MapUploads();
        datastore.MapChecks();
        api.Map("/{**path}", (string? path) => EntrepotErrors.Result(StatusCodes.Status404NotFound, "not_found", $"There is no resource /api/{path}."))
            .ExcludeFromDescription();
        return routes;
    }

    /// <summary>Routes under <c>/api</c>, behind the gate: a token is required, exceptions become error answers.</summary>
    public static RouteGroupBuilder MapApiGroup(this IEndpointRouteBuilder routes) => routes.MapGated("/api");

    /// <summary>Routes under a prefix, behind the same gate.</summary>
    public static RouteGroupBuilder MapGated(this IEndpointRouteBuilder routes, string prefix)
    {
        var group = routes.MapGroup(prefix);
        group.AddEndpointFilterFactory((_, next) =>
        {
            EntrepotGate? gate = null;
            return context => (gate ??= ActivatorUtilities.CreateInstance<EntrepotGate>(context.HttpContext.RequestServices)).InvokeAsync(context, next);
        });
        return group;
    }

    /// <summary>
    /// Routes under <c>/api/datastores/{datastore}</c>, behind the gate: the caller is a member of the datastore's community. Use
    /// <see cref="CallerContext.WithRight{TBuilder}"/> on routes that change anything, <c>http.Datastore().Id</c> for the datastore and
    /// <c>http.Caller().Initiator</c> for events.
    /// </summary>
    public static RouteGroupBuilder MapDatastoreGroup(this IEndpointRouteBuilder routes) =>
        routes.MapApiGroup().MapGroup("/datastores/{datastore}");
}
