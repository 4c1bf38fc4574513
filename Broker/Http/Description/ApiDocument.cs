using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ClawEvents.Broker.Http.Description;

/// <summary>The OpenAPI document of the HTTP API, made from the endpoints: their routes, methods and <see cref="ApiDescription"/>s.</summary>
/// <remarks>Made on request, so that it costs nothing at start.</remarks>
internal static class ApiDocument
{
    private const string TokenScheme = "token";
    private const string KeyScheme = "key";

    public static IServiceCollection AddApiDocument(this IServiceCollection services, string version) => services.AddOpenApi(document =>
    {
        document.AddDocumentTransformer((api, _, _) => Complete(api, version));
        document.AddOperationTransformer((operation, context, _) => Complete(operation, context));
    });

    /// <summary><c>GET /docs/openapi.json</c>, and the same as YAML.</summary>
    public static void MapApiDocument(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapOpenApi("/docs/openapi.json");
        endpoints.MapOpenApi("/docs/openapi.yaml").Add(yaml =>
        {
            var write = yaml.RequestDelegate!;
            yaml.RequestDelegate = context =>
            {
                // The path and content type of claw.events, which browsers display.
                context.Response.OnStarting(() =>
                {
                    context.Response.ContentType = "text/plain; charset=utf-8";
                    return Task.CompletedTask;
                });
                return write(context);
            };
        });
    }

    private static Task Complete(OpenApiDocument api, string version)
    {
        api.Info = new OpenApiInfo { Title = "ClawEvents", Version = version, License = new OpenApiLicense { Name = "MIT" } };

        // The generator uses every endpoint's class as a heading; the groups replace them.
        api.Tags = api.Tags?.Where(tag => tag.Name != nameof(ApiDescriptions)).ToHashSet();
        api.Components ??= new OpenApiComponents();
        api.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [TokenScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" },
            [KeyScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-API-Key" },
        };
        return Task.CompletedTask;
    }

    private static Task Complete(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiDescription>().LastOrDefault() is { } description)
        {
            var document = context.Document!;
            operation.Summary = description.Summary;
            operation.Tags = new HashSet<OpenApiTagReference> { new(Declare(document, description.Group), document) };
            operation.Parameters = [.. Parameters(context.Description.RelativePath!, description)];
            operation.RequestBody = description.Body.Count > 0 ? ApiSchemas.Body(description.Body) : null;
            operation.Responses = ApiSchemas.Responses(description);
            operation.Security = [.. Schemes(description.Caller).Select(scheme => Require(scheme, document))];
        }

        return Task.CompletedTask;
    }

    private static string Declare(OpenApiDocument document, string group)
    {
        document.Tags ??= new HashSet<OpenApiTag>();
        if (document.Tags.All(tag => tag.Name != group))
        {
            document.Tags.Add(new OpenApiTag { Name = group });
        }

        return group;
    }

    private static IEnumerable<OpenApiParameter> Parameters(string path, ApiDescription description)
    {
        foreach (var part in path.Split('/').Where(part => part.StartsWith('{')))
        {
            yield return Parameter(ApiField.Text(part.Trim('{', '}')), ParameterLocation.Path);
        }

        foreach (var field in description.Query)
        {
            yield return Parameter(field, ParameterLocation.Query);
        }
    }

    private static OpenApiParameter Parameter(ApiField field, ParameterLocation location) =>
        new() { Name = field.Name, In = location, Required = !field.IsOptional, Schema = field.ToSchema() };

    private static string[] Schemes(ApiCaller caller) => caller switch
    {
        ApiCaller.Token => [TokenScheme],
        ApiCaller.Key => [KeyScheme],
        ApiCaller.TokenOrKey => [TokenScheme, KeyScheme],
        _ => [],
    };

    private static OpenApiSecurityRequirement Require(string scheme, OpenApiDocument document) =>
        new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };
}
