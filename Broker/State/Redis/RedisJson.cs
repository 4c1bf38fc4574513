using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using StackExchange.Redis;

namespace ClawEvents.Broker.State.Redis;

/// <summary>The JSON values of claw.events, with the fields in the order in which its API writes them.</summary>
/// <remarks>Reading assumes nothing: anybody with access to Redis may have written them.</remarks>
internal static class RedisJson
{
    // Like JSON.stringify: letters of all languages are not escaped.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>{"hashedKey":TEXT,"createdAt":MILLISECONDS}</c></summary>
    public static RedisValue OfKeyHash(string keyHash, long createdAt) => Write(json =>
    {
        json.WriteString("hashedKey", keyHash);
        json.WriteNumber("createdAt", createdAt);
    });

    /// <summary><c>{"name":TEXT,"createdAt":MILLISECONDS,"owner":TEXT}</c></summary>
    public static RedisValue OfApp(AppRecord app) => Write(json =>
    {
        json.WriteString("name", app.Name);
        json.WriteNumber("createdAt", app.CreatedAt);
        json.WriteString("owner", app.Owner);
    });

    /// <summary><c>{"channel":TEXT,"description":TEXT|null,"schema":JSON|null,"updatedAt":MILLISECONDS}</c></summary>
    public static RedisValue OfAdvertisement(Advertisement advertisement) => Write(json =>
    {
        json.WriteString("channel", advertisement.Channel.Value);
        json.WriteString("description", advertisement.Description);
        json.WritePropertyName("schema");
        json.WriteRawValue(advertisement.Schema ?? "null");
        json.WriteNumber("updatedAt", advertisement.UpdatedAt);
    });

    /// <summary><c>{"issuedAt":SECONDS}</c></summary>
    public static RedisValue OfChallenge(long issuedAt) => Write(json => json.WriteNumber("issuedAt", issuedAt));

    /// <exception cref="InvalidDataException">Not a value of <see cref="OfChallenge"/>.</exception>
    public static long ReadChallenge(RedisKey key, RedisValue value) => Read(key, value, json => json.GetProperty("issuedAt").GetInt64());

    /// <exception cref="InvalidDataException">Not a value of <see cref="OfKeyHash"/>.</exception>
    public static string ReadKeyHash(RedisKey key, RedisValue value) => Read(key, value, json => Text(json, "hashedKey"));

    /// <returns>Unix seconds.</returns>
    /// <exception cref="InvalidDataException">Not a whole number.</exception>
    public static long ReadSeconds(RedisKey key, RedisValue value) => Read(key, value, json => json.GetInt64());

    /// <exception cref="InvalidDataException">Not a value of <see cref="OfApp"/>, or of another app.</exception>
    public static AppRecord ReadApp(string name, RedisValue value) => Read(
        RedisKeys.App(name),
        value,
        json => Text(json, "name") == name ? new AppRecord(name, Text(json, "owner"), json.GetProperty("createdAt").GetInt64()) : throw new FormatException());

    /// <exception cref="InvalidDataException">Not a value of <see cref="OfAdvertisement"/>, or of another channel.</exception>
    public static Advertisement ReadAdvertisement(ChannelName channel, RedisValue value) => Read(
        RedisKeys.Advertisement(channel),
        value,
        json => Text(json, "channel") == channel.Value
            ? new Advertisement(channel, json.GetProperty("description").GetString(), RawOrNull(json.GetProperty("schema")), json.GetProperty("updatedAt").GetInt64())
            : throw new FormatException());

    private static byte[] Write(Action<Utf8JsonWriter> writeFields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Writing))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static T Read<T>(RedisKey key, RedisValue value, Func<JsonElement, T> read)
    {
        try
        {
            using var json = JsonDocument.Parse((byte[])value!);
            return read(json.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // The value stays out of the message: it may be a secret's hash.
            throw new InvalidDataException($"the value of '{key}' in Redis is malformed (docs/reference/redis-keys.md)", exception);
        }
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new FormatException();

    private static string? RawOrNull(JsonElement json) => json.ValueKind is JsonValueKind.Null ? null : json.GetRawText();
}
