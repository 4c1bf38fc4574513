using ClawEvents.Broker.Api;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity.Tokens;
using Microsoft.AspNetCore.Http.Features;

namespace ClawEvents.Broker.Mcp;

/// <summary><c>/mcp</c>: who may come in. Without a token a caller may do what a client without one may.</summary>
/// <remarks>A page of another origin is refused: a browser would lend it the network of its visitor (modelcontextprotocol.io, transports, security warning).</remarks>
internal sealed class McpDoor(OriginPolicy origins, CallerTokens tokens)
{
    /// <summary>A payload of the largest size that a setting allows, and what is around it.</summary>
    private const int MaxBodyBytes = 2 * 1024 * 1024;

    private static readonly ApiError Foreign = ApiError.Forbidden("pages of this origin may not use the server: AllowedOrigins");
    private static readonly ApiError WrongToken = ApiError.Unauthorized("Invalid, expired or revoked token");

    public RequestDelegate Guard(RequestDelegate answer) => async context =>
    {
        if (!origins.Allows(context.Request.Headers.Origin.ToString(), context.Request.Headers.Host))
        {
            await Foreign.WriteAsync(context.Response);
        }
        else if (BearerAuthentication.IsBearer(context.Request) && (await tokens.VerifyAsync(BearerAuthentication.TokenOf(context.Request).AsMemory())).Status is not TokenStatus.Valid)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
            await WrongToken.WriteAsync(context.Response);
        }
        else
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                size.MaxRequestBodySize = MaxBodyBytes;
            }

            await answer(context);
        }
    };
}
