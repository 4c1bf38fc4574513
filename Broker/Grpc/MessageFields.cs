using ClawEvents.Broker.Api.Server;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity.Tokens;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace ClawEvents.Broker.Grpc;

/// <summary>The parameters of a call that came as a message of gRPC. The default value of a field counts as absent, as Protobuf cannot tell the two apart.</summary>
/// <remarks>The message fixes the types, so it is never malformed.</remarks>
internal sealed class MessageFields : ServerApiFields
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    /// <summary>Sets a parameter: a value of a message's field, or <see cref="MessageFields"/>.</summary>
    public object? this[string name]
    {
        set => _values[name] = value;
    }

    /// <summary>What the call overrides.</summary>
    public OptionOverrides Override { private get; init; }

    /// <inheritdoc/>
    public override string Text(string name) => Find<string>(name) ?? "";

    /// <inheritdoc/>
    public override bool Flag(string name) => Value(name) is true;

    /// <inheritdoc/>
    public override int Number(string name) => Value(name) is int number ? number : 0;

    /// <inheritdoc/>
    public override ulong WholeNumber(string name) => Value(name) switch { ulong number => number, uint number => number, _ => 0 };

    /// <inheritdoc/>
    public override long SignedNumber(string name) => Value(name) is long number ? number : 0;

    /// <inheritdoc/>
    public override DateTimeOffset Moment(string name) =>
        Value(name) is long and not 0 and var seconds ? TokenClaims.MomentOf(Math.Max(seconds, 0)) : DateTimeOffset.MaxValue;

    /// <inheritdoc/>
    public override bool TryBytes(string name, bool isNullValue, out byte[]? bytes)
    {
        var base64 = Text($"b64{name}");
        if (base64.Length > 0)
        {
            return TryDecode(base64, out bytes);
        }

        bytes = Find<ByteString>(name) is { IsEmpty: false } given ? given.ToByteArray() : null;
        return true;
    }

    /// <inheritdoc/>
    public override bool IsJson(string name) => false;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Texts(string name) => Find<RepeatedField<string>>(name) ?? [];

    /// <inheritdoc/>
    public override MessageFields? Object(string name) => Find<MessageFields>(name);

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string>? Tags(string name) =>
        Find<MapField<string, string>>(name) is { Count: > 0 } tags ? new Dictionary<string, string>(tags, StringComparer.Ordinal) : null;

    /// <inheritdoc/>
    public override OptionOverrides Overrides() => Override;

    private object? Value(string name) => _values.GetValueOrDefault(name);

    private T? Find<T>(string name)
        where T : class => Value(name) as T;
}
