using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.Schemas;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Api;

/// <summary><c>POST /api/publish</c> with a bearer token: an agent or app publishes. docs/reference/http-api.md#publish</summary>
internal sealed class PublishApi(
    BearerAuthentication authentication, ChannelResolver channels, ChannelPublisher publisher, BrokerMetrics metrics, TimeProvider time)
{
    private static readonly byte[] Published = [.. "{\"ok\":true,\"result\":{}}"u8];

    public async Task HandleAsync(HttpContext context)
    {
        if (await authentication.AuthenticateAsync(context) is not { } principal)
        {
            return;
        }

        using var fields = await RequestFields.ReadAsync(context.Request);
        if (fields is null || !fields.TryGetText("channel", out var name))
        {
            await ApiError.BadRequest("the body must be a JSON object with a text field channel, and payload of any kind").WriteAsync(context.Response);
        }
        else if (name.Length == 0)
        {
            await ApiError.BadRequest("channel required").WriteAsync(context.Response);
        }
        else if (!channels.TryResolve(name, out var channel))
        {
            await ApiError.BadRequest("invalid channel format").WriteAsync(context.Response);
        }
        else
        {
            await PublishAsync(context.Response, principal, channel, fields.GetRaw("payload"));
        }
    }

    private async Task PublishAsync(HttpResponse response, Principal principal, ResolvedChannel channel, ReadOnlyMemory<byte> payload)
    {
        var outcome = await publisher.PublishAsync(new PublishRequest(principal, channel, new(payload)));
        if (outcome.Status is PublishStatus.Published)
        {
            await ApiResponse.WriteAsync(response, Published);
        }
        else if (outcome.Status is PublishStatus.RateLimited)
        {
            await WriteRateLimitedAsync(response, outcome.Window);
        }
        else if (outcome.Status is PublishStatus.SchemaMismatch)
        {
            await WriteMismatchesAsync(response, outcome.Mismatches!);
        }
        else
        {
            metrics.Denied(outcome.Refusal, AccessAction.Publish);
            await ErrorOf(outcome.Status, channel.Name).Because(outcome.Refusal?.Word()).WriteAsync(response);
        }
    }

    private Task WriteRateLimitedAsync(HttpResponse response, RateWindow window) =>
        ApiResponse.WriteAsync(response, StatusCodes.Status429TooManyRequests, json =>
        {
            json.WriteString("error", publisher.RateRule);
            json.WriteNumber("retry_after", window.RemainingSeconds);
            json.WriteNumber("retry_timestamp", (time.GetUtcNow() + TimeSpan.FromSeconds(window.RemainingSeconds)).ToUnixTimeMilliseconds());
        });

    private static Task WriteMismatchesAsync(HttpResponse response, IReadOnlyList<SchemaError> mismatches) =>
        ApiResponse.WriteAsync(response, StatusCodes.Status400BadRequest, json =>
        {
            json.WriteString("error", "Schema validation failed");
            json.WriteStartArray("validation_errors");
            foreach (var mismatch in mismatches)
            {
                json.WriteStartObject();
                json.WriteString("path", mismatch.Path);
                json.WriteString("message", mismatch.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    private ApiError ErrorOf(PublishStatus status, ChannelName channel) => status switch
    {
        PublishStatus.SystemChannel => ApiError.Forbidden("cannot publish to system channels"),
        PublishStatus.NotPermitted => ApiError.Forbidden("the namespace does not let clients publish"),
        PublishStatus.BadFormat => ApiError.BadRequest("the namespace requires a JSON object as payload"),
        PublishStatus.TooLarge => ApiError.TooLarge(publisher.SizeRule),
        PublishStatus.Denied => ApiError.Forbidden(channel.Kind switch
        {
            ChannelKind.App => "only the app can publish to app.* channels",
            ChannelKind.AppToAgents => "only the app can publish to app.<app>.agent",
            ChannelKind.AppToAgent => "only the app or target agent can publish to app.<app>.agent.<agent>",
            _ => "only the channel owner can publish to agent.* channels",
        }),
        _ => ApiError.BadRequest("invalid channel format"),
    };
}
