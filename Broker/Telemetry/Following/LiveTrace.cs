using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClawEvents.Broker.Telemetry.Following;

/// <summary>What happens on this node to users and on channels, for operators that follow one of them.</summary>
/// <remarks>Thread-safe. Hot path while nobody follows: callers ask <see cref="IsOn"/> first, which is one read.</remarks>
internal sealed class LiveTrace(TimeProvider time)
{
    /// <summary>The most that are followed at a time.</summary>
    public const int MaxFollowers = 32;

    /// <summary>The beginning of a payload that is told, in bytes.</summary>
    public const int MaxDataBytes = 512;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _gate = new();

    // Replaced as a whole, under the gate.
    private TraceFollower[] _followers = [];

    /// <summary>Whether anybody follows anything.</summary>
    public bool IsOn => Volatile.Read(ref _followers).Length > 0;

    /// <returns>Null: there are <see cref="MaxFollowers"/> already.</returns>
    public TraceFollower? Follow(TraceSubject subject)
    {
        lock (_gate)
        {
            if (_followers.Length == MaxFollowers)
            {
                return null;
            }

            var follower = new TraceFollower(subject);
            Volatile.Write(ref _followers, [.. _followers, follower]);
            return follower;
        }
    }

    public void Leave(TraceFollower follower)
    {
        lock (_gate)
        {
            Volatile.Write(ref _followers, [.. _followers.Where(other => other != follower)]);
        }
    }

    /// <summary>Tells those who follow its user or its channel.</summary>
    public void Tell(in TraceEvent what)
    {
        ReadOnlyMemory<byte> json = default;
        foreach (var follower in Volatile.Read(ref _followers))
        {
            if (follower.Subject.Matches(what))
            {
                json = json.IsEmpty ? Write(what) : json;
                follower.Add(json);
            }
        }
    }

    private ReadOnlyMemory<byte> Write(in TraceEvent what)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow().UtcDateTime);
            json.WriteString("event", what.Word);
            WriteText(json, "user", what.User);
            WriteText(json, "client", what.Client == Guid.Empty ? null : what.Client.ToString());
            WriteText(json, "channel", what.Channel);
            WriteText(json, "transport", what.Transport);
            WriteText(json, "action", what.Action);
            if (what.Code != 0)
            {
                json.WriteNumber("code", what.Code);
            }

            WriteText(json, "reason", what.Reason);
            WriteData(json, what.Data.Span);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    // Text as far as it is text: other bytes, and half a character at the cut, become U+FFFD.
    private static void WriteData(Utf8JsonWriter json, ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
        {
            json.WriteNumber("bytes", data.Length);
            json.WriteString("data", Encoding.UTF8.GetString(data[..Math.Min(data.Length, MaxDataBytes)]));
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
