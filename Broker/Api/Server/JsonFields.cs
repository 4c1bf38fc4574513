using System.Runtime.InteropServices;
using System.Text.Json;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Api.Server;

/// <summary>The parameters of one call, in JSON. Names are case-insensitive, and the last of two equal ones wins. A null counts as absent, unless stated otherwise.</summary>
/// <remarks>A value of the wrong type reads as absent and makes the call malformed.</remarks>
internal sealed class JsonFields : ServerApiFields
{
    /// <summary>An object without members.</summary>
    public static readonly JsonElement Nothing = JsonElement.Parse("{}"u8);

    // A call has few: to compare them one after the other is cheaper than a table of them.
    private readonly List<KeyValuePair<string, JsonElement>> _fields = [];
    private readonly JsonElement _json;

    /// <param name="json">An object; anything else is malformed.</param>
    public JsonFields(JsonElement json)
    {
        _json = json;
        IsMalformed = json.ValueKind is not JsonValueKind.Object;
        if (!IsMalformed)
        {
            foreach (var field in json.EnumerateObject())
            {
                _fields.Add(new(Checked(static field => field.Name, field), field.Value));
            }
        }
    }

    /// <summary>Of a whole body, where <c>null</c> counts as an object without members.</summary>
    public static JsonFields OfBody(JsonDocument body) => new(body.RootElement.ValueKind is JsonValueKind.Null ? Nothing : body.RootElement);

    /// <summary>The names that are present, as they were written.</summary>
    public IEnumerable<string> Names => _fields.Select(pair => pair.Key);

    /// <inheritdoc/>
    public override string Text(string name) => Read(name, JsonValueKind.String) is { } value ? TextOf(value) : "";

    /// <summary>Of any type; null when absent.</summary>
    public JsonElement? Value(string name) => Find(name) is { ValueKind: not JsonValueKind.Null } value ? value : null;

    /// <inheritdoc/>
    public override bool Flag(string name) => Read(name, JsonValueKind.True, JsonValueKind.False)?.ValueKind is JsonValueKind.True;

    /// <inheritdoc/>
    public override int Number(string name)
    {
        var number = 0;
        Require(Read(name, JsonValueKind.Number) is not { } value || value.TryGetInt32(out number));
        return number;
    }

    /// <inheritdoc/>
    public override ulong WholeNumber(string name)
    {
        var number = 0UL;
        Require(Read(name, JsonValueKind.Number) is not { } value || value.TryGetUInt64(out number));
        return number;
    }

    /// <inheritdoc/>
    public override long SignedNumber(string name)
    {
        var number = 0L;
        Require(Read(name, JsonValueKind.Number) is not { } value || value.TryGetInt64(out number));
        return number;
    }

    /// <inheritdoc/>
    public override DateTimeOffset Moment(string name)
    {
        var seconds = SignedNumber(name);
        return seconds == 0 ? DateTimeOffset.MaxValue : TokenClaims.MomentOf(Math.Max(seconds, 0));
    }

    /// <inheritdoc/>
    public override bool TryBytes(string name, bool isNullValue, out byte[]? bytes)
    {
        bytes = null;
        var base64 = Text($"b64{name}");
        if (base64.Length > 0)
        {
            return TryDecode(base64, out bytes);
        }

        if ((isNullValue ? Find(name) : Value(name)) is { } value)
        {
            bytes = JsonMarshal.GetRawUtf8Value(value).ToArray();
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool IsJson(string name) => Text($"b64{name}").Length == 0;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Texts(string name)
    {
        var texts = Elements(name);
        var areTexts = texts.All(text => text.ValueKind is JsonValueKind.String);
        Require(areTexts);
        return areTexts ? texts.ConvertAll(TextOf) : [];
    }

    /// <inheritdoc/>
    public override JsonFields? Object(string name) => Read(name, JsonValueKind.Object) is { } value ? new(value) : null;

    /// <summary>Empty when absent.</summary>
    public IReadOnlyList<JsonFields> Objects(string name)
    {
        var objects = Elements(name).ConvertAll(element => new JsonFields(element));
        Require(!objects.Exists(fields => fields.IsMalformed));
        return objects;
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string>? Tags(string name)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in Read(name, JsonValueKind.Object)?.EnumerateObject() ?? default)
        {
            Require(tag.Value.ValueKind is JsonValueKind.String);
            tags[Checked(static tag => tag.Name, tag)] = tag.Value.ValueKind is JsonValueKind.String ? TextOf(tag.Value) : "";
        }

        return tags.Count > 0 ? tags : null;
    }

    /// <inheritdoc/>
    public override OptionOverrides Overrides()
    {
        var overrides = default(OptionOverrides);
        Require(_json.ValueKind is JsonValueKind.Object && SubscriptionGrants.TryReadOverrides(_json, out overrides));
        return overrides;
    }

    private JsonElement? Read(string name, params ReadOnlySpan<JsonValueKind> kinds)
    {
        if (Value(name) is not { } value)
        {
            return null;
        }

        var isRight = kinds.Contains(value.ValueKind);
        Require(isRight);
        return isRight ? value : null;
    }

    private List<JsonElement> Elements(string name) => [.. Read(name, JsonValueKind.Array)?.EnumerateArray() ?? default];

    private JsonElement? Find(string name)
    {
        for (var i = _fields.Count - 1; i >= 0; i--)
        {
            if (_fields[i].Key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return _fields[i].Value;
            }
        }

        return null;
    }

    private string TextOf(JsonElement value) => Checked(static value => value.GetString()!, value);

    private string Checked<TJson>(Func<TJson, string> read, TJson json)
    {
        try
        {
            return read(json);
        }
        catch (InvalidOperationException)
        {
            // An escape that is half a surrogate pair is not text.
            IsMalformed = true;
            return "";
        }
    }
}
