using Grid.Frontend.Entrepot.Configurations;
using Grid.Frontend.Entrepot.Documentation;
using Grid.Frontend.Entrepot.Offerings;
using Grid.Frontend.Entrepot.Processings;
using Grid.Frontend.Entrepot.Statics;
using Grid.Frontend.Entrepot.StoredData;
using Grid.Grains;

namespace Grid.Frontend.Entrepot;

/// <summary>The second half of the producers' REST API: from closed uploads to published layers.</summary>
public static class PublicationEndpoints
{
    /// <summary>Adds what these routes and their grains need, beside what <see cref="EntrepotEndpoints.AddEntrepot"/> adds.</summary>
    public static IServiceCollection AddPublication(this IServiceCollection services) => services.AddPublicationGrains().AddApiDocumentation();

    /// <summary>Maps processings and their executions, stored data, statics, configurations and offerings under <c>/api/datastores/{datastore}</c>, and the description of the whole API.</summary>
    public static IEndpointRouteBuilder MapPublication(this IEndpointRouteBuilder routes)
    {
        var datastore = routes.MapDatastoreGroup();
        datastore.MapProcessings();
        datastore.MapExecutions();
        datastore.MapBuilds();
        datastore.MapStoredData();
        datastore.MapStatics();
        datastore.MapConfigurations();
        datastore.MapOfferings();
        routes.MapApiDocumentation();
        return routes;
    }
}
