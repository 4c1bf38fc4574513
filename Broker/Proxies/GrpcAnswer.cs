using System.Buffers;
using System.Text.Json;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Proxies.Messages;
using Google.Protobuf;

namespace ClawEvents.Broker.Proxies;

/// <summary>Writes answers of gRPC as the JSON that <see cref="ProxyAnswerReader"/> reads, so that one reader decides what every answer means. Pure.</summary>
/// <remarks>A field with the default value of its type is left out. Null stands for an answer that cannot be written: its <c>meta</c> is not JSON.</remarks>
internal static class GrpcAnswer
{
    public static byte[]? Write(ConnectResponse answer) => Write(answer.Error, answer.Disconnect, answer.Result, (json, result) =>
    {
        Text(json, "user", result.User);
        Moment(json, result.ExpireAt);
        Payload(json, "b64info", result.Info, result.B64Info);
        Payload(json, "b64data", result.Data, result.B64Data);
        WriteSubscriptions(json, result);
        return TryWriteMeta(json, result.Meta);
    });

    public static byte[]? Write(RefreshResponse answer) => Write(answer.Error, answer.Disconnect, answer.Result, (json, result) =>
    {
        json.WriteBoolean("expired", result.Expired);
        Moment(json, result.ExpireAt);
        Payload(json, "b64info", result.Info, result.B64Info);
        return TryWriteMeta(json, result.Meta);
    });

    public static byte[]? Write(SubRefreshResponse answer) => Write(answer.Error, answer.Disconnect, answer.Result, (json, result) =>
    {
        json.WriteBoolean("expired", result.Expired);
        Moment(json, result.ExpireAt);
        Payload(json, "b64info", result.Info, result.B64Info);
        return true;
    });

    public static byte[]? Write(SubscribeResponse answer) => Write(answer.Error, answer.Disconnect, answer.Result, (json, result) =>
    {
        Moment(json, result.ExpireAt);
        Payload(json, "b64info", result.Info, result.B64Info);
        Payload(json, "b64data", result.Data, result.B64Data);
        WriteOverride(json, result.Override);
        return true;
    });

    public static byte[]? Write(PublishResponse answer) => Write(answer.Error, answer.Disconnect, answer.Result, (json, result) =>
    {
        Payload(json, "b64data", result.Data, result.B64Data);
        json.WriteBoolean("skip_history", result.SkipHistory);
        Tags(json, result.Tags);
        Text(json, "idempotency_key", result.IdempotencyKey);
        json.WriteBoolean("delta", result.Delta);
        json.WriteNumber("version", result.Version);
        Text(json, "version_epoch", result.VersionEpoch);
        return true;
    });

    public static byte[]? Write(MapPublishResponse answer) => Write(answer.Error, answer.Disconnect, answer.Result, (json, result) =>
    {
        Text(json, "key", result.Key);
        Payload(json, "b64data", result.Data, result.B64Data);
        Payload(json, "b64stream_data", result.StreamData, result.B64StreamData);
        Tags(json, result.Tags);
        json.WriteNumber("score", result.Score);
        Text(json, "key_mode", result.KeyMode);
        Text(json, "idempotency_key", result.IdempotencyKey);
        json.WriteBoolean("delta", result.Delta);
        json.WriteNumber("version", result.Version);
        Text(json, "version_epoch", result.VersionEpoch);
        return true;
    });

    public static byte[]? Write(MapRemoveResponse answer) => Write(answer.Error, answer.Disconnect, answer.Result, (json, result) =>
    {
        Text(json, "key", result.Key);
        if (result.Tags.Count > 0)
        {
            Tags(json, result.Tags);
        }

        Text(json, "idempotency_key", result.IdempotencyKey);
        return true;
    });

    public static byte[]? Write(RPCResponse answer) => Write(answer.Error, answer.Disconnect, answer.Result, (json, result) =>
    {
        Payload(json, "b64data", result.Data, result.B64Data);
        return true;
    });

    public static byte[]? Write(SharedPollRefreshResponse answer) => Write(answer.Error, disconnect: null, answer.Result, (json, result) =>
    {
        Text(json, "epoch", result.Epoch);
        json.WriteStartArray("items");
        foreach (var item in result.Items)
        {
            json.WriteStartObject();
            json.WriteString("key", item.Key);
            json.WriteNumber("version", item.Version);
            json.WriteBoolean("removed", item.Removed);
            Payload(json, "b64data", item.Data, "");
            Payload(json, "b64prev_data", item.PrevData, "");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        return true;
    });

    private static byte[]? Write<TResult>(Error? error, Disconnect? disconnect, TResult? result, Func<Utf8JsonWriter, TResult, bool> tryWrite)
        where TResult : class
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        if (disconnect is not null)
        {
            json.WriteStartObject("disconnect");
            json.WriteNumber("code", disconnect.Code);
            json.WriteString("reason", disconnect.Reason);
            json.WriteEndObject();
        }

        if (error is not null)
        {
            json.WriteStartObject("error");
            json.WriteNumber("code", error.Code);
            json.WriteString("message", error.Message);
            json.WriteBoolean("temporary", error.Temporary);
            json.WriteEndObject();
        }

        if (result is not null)
        {
            json.WriteStartObject("result");
            if (!tryWrite(json, result))
            {
                return null;
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
        return output.WrittenSpan.ToArray();
    }

    private static void Tags(Utf8JsonWriter json, IDictionary<string, string> tags)
    {
        json.WriteStartObject("tags");
        foreach (var (name, value) in tags)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteSubscriptions(Utf8JsonWriter json, Messages.ConnectResult result)
    {
        if (result.Subs.Count == 0)
        {
            json.WriteStartArray("channels");
            foreach (var channel in result.Channels)
            {
                json.WriteStringValue(channel);
            }

            json.WriteEndArray();
            return;
        }

        json.WriteStartObject("subs");
        foreach (var (channel, options) in result.Subs)
        {
            json.WriteStartObject(channel);
            Moment(json, options.ExpireAt);
            Payload(json, "b64info", options.Info, options.B64Info);
            Payload(json, "b64data", options.Data, options.B64Data);
            WriteOverride(json, options.Override);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteOverride(Utf8JsonWriter json, SubscribeOptionOverride? given)
    {
        if (given is null)
        {
            return;
        }

        json.WriteStartObject("override");
        Option(json, "presence", given.Presence);
        Option(json, "join_leave", given.JoinLeave);
        Option(json, "force_recovery", given.ForceRecovery);
        Option(json, "force_positioning", given.ForcePositioning);
        Option(json, "force_push_join_leave", given.ForcePushJoinLeave);
        json.WriteEndObject();
    }

    private static void Option(Utf8JsonWriter json, string name, BoolValue? value)
    {
        if (value is not null)
        {
            json.WriteStartObject(name);
            json.WriteBoolean("value", value.Value);
            json.WriteEndObject();
        }
    }

    private static void Text(Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0)
        {
            json.WriteString(name, value);
        }
    }

    private static void Moment(Utf8JsonWriter json, long seconds)
    {
        if (seconds != 0)
        {
            json.WriteNumber("expire_at", seconds);
        }
    }

    // Bytes are written as base64, whatever they are: the reader decodes them to the same bytes.
    private static void Payload(Utf8JsonWriter json, string name, ByteString bytes, string base64)
    {
        if (base64.Length > 0)
        {
            json.WriteString(name, base64);
        }
        else if (!bytes.IsEmpty)
        {
            json.WriteBase64String(name, bytes.Span);
        }
    }

    private static bool TryWriteMeta(Utf8JsonWriter json, ByteString meta)
    {
        if (meta.IsEmpty)
        {
            return true;
        }

        if (!JsonPayload.IsValid(meta.Span))
        {
            return false;
        }

        json.WritePropertyName("meta");
        json.WriteRawValue(meta.Span, skipInputValidation: true);
        return true;
    }
}
