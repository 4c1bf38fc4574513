using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClawEvents.Broker.Proxies;

/// <summary>Writes the body of the request for an event. Pure. docs/reference/proxies.md#requests</summary>
internal static class ProxyRequestWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // {"client":UUID,"transport":TEXT,"protocol":TEXT,"encoding":"json"|"binary", and what the event has}
    /// <param name="happened">Its payload is one that the back end accepts: <see cref="ProxySettings.Accepts"/>.</param>
    public static void Write(IBufferWriter<byte> output, ProxySettings proxy, ProxyCaller caller, ProxyEvent happened)
    {
        using var json = new Utf8JsonWriter(output, Options);
        json.WriteStartObject();
        if (happened.Kind is ProxyEventKind.SharedPollRefresh)
        {
            WriteItems(json, happened);
        }
        else
        {
            WriteEvent(json, proxy, caller, happened);
        }

        json.WriteEndObject();
    }

    // {"channel":TEXT,"items":[{"key":TEXT,"version":N}]}
    private static void WriteItems(Utf8JsonWriter json, ProxyEvent happened)
    {
        json.WriteString("channel", happened.Channel);
        json.WriteStartArray("items");
        foreach (var (key, version) in happened.Items)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            if (version > 0)
            {
                json.WriteNumber("version", version);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteEvent(Utf8JsonWriter json, ProxySettings proxy, ProxyCaller caller, ProxyEvent happened)
    {
        json.WriteString("client", caller.Client);
        json.WriteString("transport", caller.Transport);
        json.WriteString("protocol", caller.Protocol);
        json.WriteString("encoding", proxy.UsesBase64 ? "binary" : "json");
        WriteText(json, "user", caller.User);
        WriteText(json, "channel", happened.Channel);
        WriteText(json, "key", happened.Key);
        WriteText(json, "method", happened.Method);
        WriteData(json, proxy, happened.Data);
        WriteText(json, "name", happened.Name);
        WriteText(json, "version", happened.Version);
        WriteChannels(json, happened.Channels);
        if (proxy.IncludesMeta && !caller.Meta.IsEmpty)
        {
            json.WritePropertyName("meta");
            json.WriteRawValue(caller.Meta.Span, skipInputValidation: true);
        }
    }

    private static void WriteText(Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteData(Utf8JsonWriter json, ProxySettings proxy, ReadOnlyMemory<byte>? data)
    {
        if (data is not { IsEmpty: false } payload)
        {
            return;
        }

        if (proxy.UsesBase64)
        {
            json.WriteBase64String("b64data", payload.Span);
        }
        else
        {
            json.WritePropertyName("data");
            json.WriteRawValue(payload.Span, skipInputValidation: true);
        }
    }

    private static void WriteChannels(Utf8JsonWriter json, IReadOnlyList<string> channels)
    {
        if (channels.Count == 0)
        {
            return;
        }

        json.WriteStartArray("channels");
        foreach (var channel in channels)
        {
            json.WriteStringValue(channel);
        }

        json.WriteEndArray();
    }
}
