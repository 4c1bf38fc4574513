using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.Api;

/// <summary>The words in which an action on somebody's own channel is refused.</summary>
/// <param name="NotOwner">For a channel of somebody else.</param>
/// <param name="Reserved">For a channel that an app keeps for speaking with agents.</param>
internal sealed record ChannelActionWords(string NotOwner, string Reserved);

/// <summary>What the actions on one's own channel share: who is asking, which channel, and whether it is theirs.</summary>
/// <remarks>The order of the checks is the contract's: docs/reference/http-api.md#channel-actions.</remarks>
internal sealed class ChannelAction(BearerAuthentication authentication, ChannelNames channels)
{
    /// <summary>Runs an action once everything has been checked.</summary>
    /// <param name="context">The request.</param>
    /// <param name="words">The refusals in this action's own words.</param>
    /// <param name="needsTarget">Whether the body must also name a <c>target</c>.</param>
    /// <param name="act">Gets the caller's own channel and the target (empty if none is needed), and writes the answer.</param>
    public async Task RunAsync(HttpContext context, ChannelActionWords words, bool needsTarget, Func<HttpResponse, ChannelName, string, Task> act)
    {
        if (await authentication.AuthenticateAsync(context) is not { } principal)
        {
            return;
        }

        using var fields = await RequestFields.ReadAsync(context.Request);
        var target = "";
        if (fields is null || !fields.TryGetText("channel", out var name) || (needsTarget && !fields.TryGetText("target", out target)))
        {
            await ApiError.BadRequest("the body must be a JSON object whose channel and target are text").WriteAsync(context.Response);
        }
        else if (name.Length == 0 || (needsTarget && target.Length == 0))
        {
            await ApiError.BadRequest(needsTarget ? "target and channel required" : "channel required").WriteAsync(context.Response);
        }
        else if (Check(principal, name, words, out var channel) is { } error)
        {
            await error.WriteAsync(context.Response);
        }
        else
        {
            await act(context.Response, channel!, target);
        }
    }

    private ApiError? Check(Principal principal, string name, ChannelActionWords words, out ChannelName? channel) =>
        !channels.TryGet(name, out channel) ? ApiError.BadRequest("invalid channel format")
        : channel.IsReserved ? ApiError.Forbidden(words.Reserved)
        : !channel.IsLockable ? ApiError.BadRequest("invalid channel format")
        : !Permissions.ChannelPermissions.IsOwner(principal, channel) ? ApiError.Forbidden(words.NotOwner)
        : null;
}
