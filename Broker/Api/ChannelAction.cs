using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Api;

/// <summary>An action on a channel after its checks.</summary>
/// <param name="Response">Not started yet.</param>
/// <param name="Caller">Proven by a token; the owner, where an operator acts.</param>
/// <param name="Channel">A channel that the caller owns, or, for actions open to everybody, that somebody owns.</param>
/// <param name="Target">The <c>target</c> of the body; empty when the action needs none.</param>
/// <param name="Fields">The body, for additional fields.</param>
internal readonly record struct ChannelCall(HttpResponse Response, Principal Caller, ChannelName Channel, string Target, RequestFields Fields);

/// <summary>The common part of actions on channels: authentication, parsing and checks.</summary>
/// <remarks>The contract fixes the order of the checks: docs/reference/http-api.md#channel-actions.</remarks>
internal sealed class ChannelAction(BearerAuthentication authentication, ServerApiKey key, ChannelNames channels, BrokerMetrics metrics)
{
    /// <summary>The description of an action.</summary>
    public static ApiDescription Description(string summary, IReadOnlyList<ApiField> body, IReadOnlyList<ApiField> answer) => new("Channels", summary)
    {
        Caller = ApiCaller.Token,
        Body = body,
        Answer = answer,
        Refusals = [StatusCodes.Status403Forbidden],
    };

    /// <summary>Runs an action after all checks. What an owner may do, an operator with the key of the server API may do in its place.</summary>
    /// <param name="needsTarget">Whether the body must also name a <c>target</c>.</param>
    /// <param name="act">Carries out the action and writes the answer.</param>
    public async Task RunAsync(HttpContext context, ChannelActionWords words, bool needsTarget, Func<ChannelCall, Task> act)
    {
        var isOperator = words.NotOwner is not null && !BearerAuthentication.IsBearer(context.Request) && key.IsOfOperator(context.Request);
        var caller = isOperator ? null : await authentication.AuthenticateAsync(context);
        if (caller is null && !isOperator)
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
        else if (Check(ref caller, name, words, out var channel) is { } error)
        {
            await error.WriteAsync(context.Response);
        }
        else
        {
            await act(new ChannelCall(context.Response, caller!, channel!, target, fields));
        }
    }

    /// <summary>Finds the refusal of an action by a rule of the permissions; null when they allow it.</summary>
    /// <param name="rule">The one that decided.</param>
    public static ApiError? Judge(Principal caller, ChannelName channel, ChannelActionWords words, out AccessRule rule)
    {
        rule = ChannelPermissions.CanManage(caller, channel);
        rule = rule is AccessRule.NotOwner && words.NotOwner is null ? AccessRule.Clients : rule;
        return rule switch
        {
            AccessRule.Reserved => ApiError.Forbidden(words.Reserved).Because(rule.Word()),
            AccessRule.NotOwner => ApiError.Forbidden(words.NotOwner!).Because(rule.Word()),
            _ when rule.IsAllowed() => null,
            _ => ApiError.BadRequest("invalid channel format"),
        };
    }

    private ApiError? Check(ref Principal? caller, string name, ChannelActionWords words, out ChannelName? channel)
    {
        if (!channels.TryGet(name, out channel))
        {
            return ApiError.BadRequest("invalid channel format");
        }

        caller ??= Principal.Of(channel.OwnerKey);
        var error = Judge(caller, channel, words, out var rule);
        metrics.Denied(error is null ? null : rule, words.Action);
        return error;
    }
}
