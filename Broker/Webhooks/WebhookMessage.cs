using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.State;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Webhooks;

/// <summary>One message for a receiver. docs/reference/webhooks.md</summary>
/// <param name="Id">The same for each attempt, so that the receiver can see that it has the message already.</param>
/// <param name="Body">A JSON object.</param>
internal sealed record WebhookMessage(string Id, ReadOnlyMemory<byte> Body)
{
    // {"type":"publication","channel":NAME,"offset":N,"epoch":TEXT,"data":JSON,"tags":{…}}
    /// <param name="position">An empty epoch: the channel has no history.</param>
    public static WebhookMessage OfPublication(Webhook webhook, StreamPosition position, in Publication publication)
    {
        var body = Begin("publication", webhook);
        if (position.Epoch.Length > 0)
        {
            WritePosition(body, position);
        }

        WriteData(body, publication.Data.Span);
        WriteTags(body, publication.Tags);
        body.Write("}"u8);
        return new(IdOf(webhook, position), body.WrittenMemory);
    }

    // {"type":"gap","channel":NAME,"offset":N,"epoch":TEXT,"missed":N}
    /// <summary>Says that publications before a position cannot be delivered any more.</summary>
    /// <param name="next">The last one that is missing: deliveries go on behind it.</param>
    /// <param name="missed">How many; null: not known, because the history began again.</param>
    public static WebhookMessage OfGap(Webhook webhook, StreamPosition next, ulong? missed)
    {
        var body = Begin("gap", webhook);
        if (next.Epoch.Length > 0)
        {
            WritePosition(body, next);
        }

        if (missed is { } count)
        {
            body.Write(",\"missed\":"u8);
            body.WriteNumber(count);
        }

        body.Write("}"u8);
        return new($"{IdOf(webhook, next)}_gap", body.WrittenMemory);
    }

    /// <summary>A message by which an owner tests the receiver.</summary>
    public static WebhookMessage OfTest(Webhook webhook)
    {
        var body = Begin("test", webhook);
        body.Write("}"u8);
        return new(RandomId(webhook), body.WrittenMemory);
    }

    private static ArrayBufferWriter<byte> Begin(string type, Webhook webhook)
    {
        var body = new ArrayBufferWriter<byte>();
        body.Write("{\"type\":"u8);
        body.WriteString(type);
        body.Write(",\"webhook\":"u8);
        body.WriteString(webhook.Id);
        body.Write(",\"channel\":"u8);
        body.Write(webhook.Channel.JsonName);
        return body;
    }

    private static void WritePosition(ArrayBufferWriter<byte> body, StreamPosition position)
    {
        body.Write(",\"offset\":"u8);
        body.WriteNumber(position.Offset);
        body.Write(",\"epoch\":"u8);
        body.WriteString(position.Epoch);
    }

    private static void WriteData(ArrayBufferWriter<byte> body, ReadOnlySpan<byte> data)
    {
        if (JsonPayload.IsValid(data))
        {
            body.Write(",\"data\":"u8);
            body.Write(data);
        }
        else
        {
            body.Write(",\"b64data\":"u8);
            body.WriteString(Convert.ToBase64String(data));
        }
    }

    private static void WriteTags(ArrayBufferWriter<byte> body, IReadOnlyDictionary<string, string>? tags)
    {
        var isFirst = true;
        foreach (var (name, value) in tags ?? new Dictionary<string, string>())
        {
            body.Write(isFirst ? ",\"tags\":{"u8 : ","u8);
            body.WriteString(name);
            body.Write(":"u8);
            body.WriteString(value);
            isFirst = false;
        }

        body.Write(isFirst ? ""u8 : "}"u8);
    }

    private static string IdOf(Webhook webhook, StreamPosition position) => position.Epoch.Length == 0
        ? RandomId(webhook)
        : string.Create(CultureInfo.InvariantCulture, $"{webhook.Id}_{position.Epoch}_{position.Offset}");

    private static string RandomId(Webhook webhook) => $"{webhook.Id}_{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
}
