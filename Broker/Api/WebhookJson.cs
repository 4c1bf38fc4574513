using System.Text.Json;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Webhooks;

namespace ClawEvents.Broker.Api;

/// <summary>Webhooks in the answers of the API. docs/reference/http-api.md#webhooks</summary>
internal static class WebhookJson
{
    /// <summary>Answers with a webhook.</summary>
    public static Task WriteAsync(HttpResponse response, Webhook webhook) => ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
    {
        json.WriteBoolean("ok", true);
        json.WritePropertyName("webhook");
        Write(json, webhook);
    });

    /// <summary>Answers with a webhook and its secret, which is shown only here.</summary>
    public static Task WriteSecretAsync(HttpResponse response, Webhook webhook, string hint) => ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
    {
        json.WriteBoolean("ok", true);
        json.WritePropertyName("webhook");
        Write(json, webhook);
        json.WriteString("secret", webhook.Secret);
        json.WriteString("hint", hint);
    });

    // {"id":TEXT,"channel":NAME,"url":TEXT,"createdAt":MS,"owner":NAME,"state":"active"|"failing"|"paused", …}
    /// <summary>Writes a webhook without its secret.</summary>
    public static void Write(Utf8JsonWriter json, Webhook webhook)
    {
        var progress = webhook.Progress;
        json.WriteStartObject();
        json.WriteString("id", webhook.Id);
        json.WriteString("channel", webhook.Channel.Value);
        json.WriteString("url", webhook.Url);
        json.WriteNumber("createdAt", webhook.CreatedAt);
        json.WriteString("owner", webhook.Owner);
        json.WriteString("state", progress.PausedBy is not null ? "paused" : progress.FailingSince > 0 ? "failing" : "active");
        if (progress.Cursor.Epoch.Length > 0)
        {
            json.WriteNumber("offset", progress.Cursor.Offset);
            json.WriteString("epoch", progress.Cursor.Epoch);
        }

        if (progress.FailingSince > 0)
        {
            json.WriteNumber("failingSince", progress.FailingSince);
            json.WriteString("fault", progress.Fault);
        }

        if (progress.PausedBy is { } reason)
        {
            json.WriteString("reason", reason);
            json.WriteString("message", WebhookReasons.Describe(reason));
            json.WriteNumber("pausedAt", progress.PausedAt);
        }

        json.WriteEndObject();
    }
}
