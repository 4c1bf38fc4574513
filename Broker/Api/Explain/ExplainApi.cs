using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Explain;

/// <summary>
/// <c>GET /api/explain?channel=&amp;action=&amp;user=</c>: whether somebody may do something with a channel, and what decides. For oneself with a token, for
/// anybody with the key of the server API. docs/reference/http-api.md#explain
/// </summary>
internal sealed class ExplainApi(
    BearerAuthentication authentication, ServerApiKey key, ConnectionTokens tokens, ChannelResolver channels, OpenConnections open, AccessExplainer explainer, PublishLimits limits, NodeIdentity node) : IApi
{
    private static readonly string Actions = string.Join(", ", AccessActions.Explained);

    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapGet("/api/explain", (RequestDelegate)HandleAsync).Describe(new("Channels", "Explain a permission")
    {
        Caller = ApiCaller.TokenOrKey,
        Query =
        [
            ApiField.Channel,
            ApiField.Text("action", Actions),
            ApiField.Text("user", "with the key: the user to ask about; empty: without a user").Optional(),
            ApiField.Text("payload", "of a publish, JSON").Optional(),
            ApiField.Flag("subscribed", "whether the client is subscribed; otherwise this node looks").Optional(),
        ],
        Answer =
        [
            ApiField.Ok, ApiField.Channel, ApiField.Text("action"), ApiField.Text("user"), ApiField.Flag("allowed", "null: a back end would be asked"),
            ApiField.Text("rule"), ApiField.Text("reason"), ApiField.Object("error", "code and message of the refusal").Optional(), ApiField.Text("namespace"),
            ApiField.List("options", "of the namespace, that decided"), ApiField.Text("backEnd").Optional(), ApiField.Text("from", "memory or store").Optional(),
            ApiField.Flag("subscribed"), ApiField.Object("limits", "of a publish").Optional(), ApiField.Text("node"),
        ],
        Refusals = [StatusCodes.Status400BadRequest, StatusCodes.Status403Forbidden],
    });

    private async Task HandleAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var isOperator = !BearerAuthentication.IsBearer(context.Request) && key.IsRight(context.Request);
        if ((isOperator ? Principal.Of(query["user"].ToString()) : await authentication.AuthenticateAsync(context)) is not { } principal)
        {
            return;
        }

        if (!isOperator && query.TryGetValue("user", out var user) && user.ToString() is { Length: > 0 } other && other != principal.Name)
        {
            await ApiError.Forbidden($"a token explains what its own user ({principal.Name}) may do; for others use the key of the server API").WriteAsync(context.Response);
        }
        else if (TryRead(query, principal, out var question) is { } fault)
        {
            await ApiError.BadRequest(fault).WriteAsync(context.Response);
        }
        else
        {
            await AnswerAsync(context, isOperator ? question! : question! with { Claimed = await ClaimedAsync(context.Request) });
        }
    }

    // Null when it is a question.
    private string? TryRead(IQueryCollection query, Principal principal, out AccessQuestion? question)
    {
        question = null;
        var payload = query.TryGetValue("payload", out var written) ? Encoding.UTF8.GetBytes(written.ToString()) : null;
        if (principal.Name.Length > GrantsApi.MaxTargetLength)
        {
            return $"user too long (max {GrantsApi.MaxTargetLength} characters)";
        }

        if (query["channel"].ToString() is var name && !channels.TryResolve(name, out var channel))
        {
            return name.Length == 0 ? "channel required" : channels.Rule;
        }

        if (!AccessActions.TryParse(query["action"].ToString(), out var action))
        {
            return $"action must be one of {Actions}";
        }

        if (payload is not null && !JsonPayload.IsValid(payload))
        {
            return "payload must be JSON";
        }

        question = new(action, principal, channel) { Payload = payload, IsSubscribed = IsSubscribed(query["subscribed"], principal, channel.Name) };
        return null;
    }

    // The clients without a user are many and strange to each other: that one of them is subscribed says nothing about another.
    private bool IsSubscribed(string? said, Principal principal, ChannelName channel) =>
        said is null
            ? !principal.IsAnonymous && open.OfUser(principal.Name).Any(connection => connection.Subscriptions.Contains(channel))
            : said is "true" or "1";

    private async ValueTask<IReadOnlyList<AllowedSubscription>> ClaimedAsync(HttpRequest request)
    {
        var (status, identity) = await tokens.VerifyAsync(BearerAuthentication.TokenOf(request));
        return status is TokenStatus.Valid ? identity.Subscriptions : [];
    }

    private async Task AnswerAsync(HttpContext context, AccessQuestion question)
    {
        var answer = await explainer.ExplainAsync(question);
        var standing = question.Action is AccessAction.Publish ? await limits.FindAsync(question.Channel, question.Principal) : null;
        await ApiResponse.WriteAsync(context.Response, StatusCodes.Status200OK, json => Write(json, question, answer, standing));
    }

    private void Write(Utf8JsonWriter json, AccessQuestion question, AccessExplanation answer, PublishStanding? standing)
    {
        json.WriteBoolean("ok", true);
        json.WriteString("channel", question.Channel.Name.Value);
        json.WriteString("action", question.Action.Word());
        json.WriteString("user", question.Principal.Name);
        WriteFlag(json, "allowed", answer.IsAllowed);
        json.WriteString("rule", answer.Word);
        json.WriteString("reason", AccessReasons.SentenceOf(question, answer));
        WriteError(json, answer);
        json.WriteString("namespace", question.Channel.Name.Namespace);
        json.WriteStartArray("options");
        foreach (var option in AccessReasons.OptionsOf(question, answer))
        {
            json.WriteStringValue(option);
        }

        json.WriteEndArray();
        WriteText(json, "backEnd", answer.BackEnd);
        WriteText(json, "from", answer.From);
        json.WriteBoolean("subscribed", question.IsSubscribed);
        standing?.Write(json);
        json.WriteString("node", node.Name);
    }

    private static void WriteError(Utf8JsonWriter json, AccessExplanation answer)
    {
        if (answer.Message is not null)
        {
            json.WriteStartObject("error");
            json.WriteNumber("code", answer.Code);
            json.WriteString("message", answer.Message);
            json.WriteEndObject();
        }
    }

    private static void WriteFlag(Utf8JsonWriter json, string name, bool? value)
    {
        if (value is { } known)
        {
            json.WriteBoolean(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
