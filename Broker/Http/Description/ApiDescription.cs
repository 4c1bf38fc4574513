using System.Reflection;

namespace ClawEvents.Broker.Http.Description;

/// <summary>What a caller has to know of an endpoint; it hangs on the endpoint as metadata, and the OpenAPI document is made of it.</summary>
/// <param name="Group">The heading it stands under.</param>
/// <param name="Summary">What it does, in a line.</param>
internal sealed record ApiDescription(string Group, string Summary)
{
    public const string Advertisements = "Advertisements";

    public const string SignIn = "Signing in";

    public ApiCaller Caller { get; init; }

    /// <summary>The fields of the JSON object to send; empty: no body is read.</summary>
    public IReadOnlyList<ApiField> Body { get; init; } = [];

    public IReadOnlyList<ApiField> Query { get; init; } = [];

    /// <summary>The HTTP status of success.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>A second status with the same fields.</summary>
    public int? OtherStatus { get; init; }

    /// <summary>The fields of the JSON object that comes back; empty: it is no JSON.</summary>
    public IReadOnlyList<ApiField> Answer { get; init; } = [];

    /// <summary>Statuses of refusal besides those that follow from the rest: 401 with a token or key, 400 and 413 with a body.</summary>
    public IReadOnlyList<int> Refusals { get; init; } = [];
}

/// <summary>Hangs descriptions on endpoints.</summary>
internal static class ApiDescriptions
{
    // The API explorer passes over endpoints that name no method, as those of plain request delegates do.
    private static readonly MethodInfo Handler = ((Func<HttpContext, Task>)Handle).Method;

    public static IEndpointConventionBuilder Describe(this IEndpointConventionBuilder endpoint, ApiDescription description) =>
        endpoint.WithMetadata(description, Handler);

    private static Task Handle(HttpContext context) => throw new NotSupportedException($"{context.Request.Path} is answered by its own handler.");
}
