using Microsoft.AspNetCore.Routing.Constraints;
using Microsoft.OpenApi;

namespace Grid.Frontend.Entrepot.Documentation;

/// <summary>
/// The REST API described by itself: the OpenAPI document at <c>/api/v3/api-docs</c> and Swagger UI over it, from files that are part of the
/// program. Both are open to anyone; what they describe needs a token.
/// </summary>
public static class DocumentationEndpoints
{
    private const string Document = "api-docs";

    private const string Scheme = "bearer";

    public static IServiceCollection AddApiDocumentation(this IServiceCollection services)
    {
        // The generator's route templates use this constraint, which slim hosts leave out.
        services.Configure<RouteOptions>(options => options.SetParameterPolicy<RegexInlineRouteConstraint>("regex"));
        services.AddEndpointsApiExplorer();
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc(Document, new OpenApiInfo
            {
                Title = "Grid – API Entrepôt",
                Version = "v1",
                Description = "Deliver data, have them checked, turn them into pyramids and publish them as services.",
            });
            options.DocInclusionPredicate((_, description) => description.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true);
            options.AddSecurityDefinition(Scheme, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT",
                Description = "A token of /auth/realms/geoplateforme/protocol/openid-connect/token.",
            });
            options.AddSecurityRequirement(document => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] });
        });
        return services;
    }

    public static IEndpointRouteBuilder MapApiDocumentation(this IEndpointRouteBuilder routes)
    {
        routes.MapSwagger("/api/v3/{documentName:regex(^api-docs$)}");
        routes.MapSwaggerUI("api/swagger-ui", options =>
        {
            options.DocumentTitle = "Grid – API Entrepôt";
            options.SwaggerEndpoint("../v3/api-docs", "Entrepôt");
        });
        routes.MapGet("/api", () => Results.Redirect("/api/swagger-ui/index.html")).ExcludeFromDescription();
        return routes;
    }
}
