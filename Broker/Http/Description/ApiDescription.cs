using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace ClawEvents.Broker.Http.Description;

/// <summary>A description of an endpoint for its callers: metadata of the endpoint, from which the OpenAPI document is made.</summary>
/// <param name="Group">Its heading in the document.</param>
/// <param name="Summary">One line about the endpoint's purpose.</param>
internal sealed record ApiDescription(string Group, string Summary)
{
    public const string Advertisements = "Advertisements";

    public const string SignIn = "Signing in";

    /// <summary>Size limit of a body where an endpoint does not need more: strangers can hold as much memory with each unfinished one.</summary>
    public const int MaxSmallBodyBytes = 64 * 1024;

    /// <summary>Size limit of the body, in bytes; null: the server's (<c>MaxRequestBytes</c>).</summary>
    public int? MaxBodyBytes { get; init; } = MaxSmallBodyBytes;

    public ApiCaller Caller { get; init; }

    /// <summary>The fields of the JSON object to send; empty: no body is read.</summary>
    public IReadOnlyList<ApiField> Body { get; init; } = [];

    public IReadOnlyList<ApiField> Query { get; init; } = [];

    /// <summary>The HTTP status of success.</summary>
    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>A second status with the same fields.</summary>
    public int? OtherStatus { get; init; }

    /// <summary>The fields of the JSON object in the answer; empty: the answer is not JSON.</summary>
    public IReadOnlyList<ApiField> Answer { get; init; } = [];

    /// <summary>Statuses of refusal besides those that follow from the rest: 401 with a token or key, 400 and 413 with a body.</summary>
    public IReadOnlyList<int> Refusals { get; init; } = [];
}

/// <summary>Adds descriptions to endpoints.</summary>
internal static class ApiDescriptions
{
    // The API explorer ignores endpoints without a method, such as plain request delegates.
    private static readonly MethodInfo Handler = ((Func<HttpContext, Task>)Handle).Method;

    public static IEndpointConventionBuilder Describe(this IEndpointConventionBuilder endpoint, ApiDescription description)
    {
        endpoint.WithMetadata(description, Handler);
        return description.MaxBodyBytes is { } bytes ? endpoint.WithMetadata(new BodyLimit(bytes)) : endpoint;
    }

    private static Task Handle(HttpContext context) => throw new NotSupportedException($"{context.Request.Path} is answered by its own handler.");

    // The routing sets the server's limit from it, before the handler runs.
    private sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
