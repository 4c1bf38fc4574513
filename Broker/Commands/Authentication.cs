using System.Text;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Protocol.Commands;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Commands;

/// <summary>Identifies a client by its token, by the answer of a back end, by a header that a server in front has set, or as anonymous.</summary>
/// <remarks>docs/reference/tokens.md#identity-of-a-client. A token that is sent must be valid, even where none is required. Thread-safe.</remarks>
internal sealed class Authentication(ClientSettings clients, ProxyOptions proxies, ConnectionTokens tokens, BackEnds backEnds, TimeProvider time)
{
    private static readonly ConnectAnswer Anonymous = new(ConnectionIdentity.Anonymous, default);

    /// <returns>An answer, or why the client may not connect.</returns>
    public async ValueTask<Outcome<ConnectAnswer>> IdentifyAsync(ClientConnection connection, ConnectCommand command)
    {
        var outcome = !command.Token.IsEmpty ? await VerifyAsync(connection, Encoding.UTF8.GetString(command.Token.Span))
            : proxies.Connect is { } proxy ? await AskAsync(proxy, connection, command.Data, command.Details ?? ConnectDetails.None)
            : Outcome<ConnectAnswer>.Undecided;
        outcome = outcome.IsUndecided ? Unproven(connection) : outcome;
        return outcome.Value?.Identity.ExpiresAt <= time.GetUtcNow() ? Outcome<ConnectAnswer>.Refused(ErrorCode.Expired) : outcome;
    }

    private async ValueTask<Outcome<ConnectAnswer>> VerifyAsync(ClientConnection connection, string token)
    {
        var (status, identity) = await tokens.VerifyAsync(token);
        connection.Services.Metrics.CountUnlessValid("client", status);
        return status switch
        {
            TokenStatus.Valid when identity.Principal.IsAnonymous && clients.DisallowAnonymousTokens => Outcome<ConnectAnswer>.Disconnected(DisconnectCode.PermissionDenied),
            TokenStatus.Valid => Outcome<ConnectAnswer>.Of(new(identity, default)),
            TokenStatus.Expired => Outcome<ConnectAnswer>.Refused(ErrorCode.TokenExpired),
            TokenStatus.Unavailable => Outcome<ConnectAnswer>.Refused(ErrorCode.Internal),
            _ => Outcome<ConnectAnswer>.Disconnected(DisconnectCode.InvalidToken),
        };
    }

    private async ValueTask<Outcome<ConnectAnswer>> AskAsync(
        ProxySettings proxy, ClientConnection connection, ReadOnlyMemory<byte>? data, ConnectDetails details)
    {
        var happened = new ProxyEvent(ProxyEventKind.Connect)
        {
            Data = data,
            Name = details.Name,
            Version = details.Version,
            Channels = [.. details.Subscriptions.Keys],
        };
        return await backEnds.ConnectAsync(proxy, connection.Caller, happened, default);
    }

    // A client that brings nothing where something is needed is disconnected.
    private Outcome<ConnectAnswer> Unproven(ClientConnection connection) =>
        clients.UserIdHeader is { } header && connection.Headers.Find(header) is { Length: > 0 } user
            ? Outcome<ConnectAnswer>.Of(new(new ConnectionIdentity(Principal.Of(user), DateTimeOffset.MaxValue), default))
            : clients.IsInsecure || clients.AllowAnonymous ? Outcome<ConnectAnswer>.Of(Anonymous)
            : Refuse(connection);

    private static Outcome<ConnectAnswer> Refuse(ClientConnection connection)
    {
        connection.Services.Metrics.AuthenticationFailed("client", "missing");
        return Outcome<ConnectAnswer>.Disconnected(DisconnectCode.BadRequest);
    }
}
