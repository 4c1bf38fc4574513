using System.Runtime.InteropServices;
using System.Text.Json;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Api;

/// <summary>The fields of a request body. A body of <c>null</c> or <c>[]</c> counts as one without fields.</summary>
internal sealed class RequestFields : IDisposable
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ProtocolLimits.MaxJsonDepth };

    private static readonly byte[] Null = [.. "null"u8];

    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly JsonDocument _document;
    private readonly RequestBody _body;

    private RequestFields(JsonDocument document, RequestBody body)
    {
        _document = document;
        _body = body;
    }

    /// <returns>Null when the body is not JSON.</returns>
    /// <exception cref="BadHttpRequestException">The body is too large, or names a field twice, which is ambiguous.</exception>
    public static async ValueTask<RequestFields?> ReadAsync(HttpRequest request)
    {
        var body = await RequestBody.ReadAsync(request);
        if (body.IsText && TryParse(body, out var document))
        {
            var fields = new RequestFields(document!, body);
            fields.Read();
            return fields;
        }

        body.Dispose();
        return null;
    }

    /// <summary>Reads a text field, trimmed.</summary>
    /// <param name="value">Empty when it is absent, null or blank.</param>
    /// <returns>False when it is of another type.</returns>
    public bool TryGetText(string name, out string value)
    {
        var isText = TryGetExactText(name, out var exact);
        value = exact?.Trim() ?? "";
        return isText;
    }

    /// <summary>Reads a text field as it is.</summary>
    /// <param name="value">Null when it is absent or null.</param>
    /// <returns>False when it is of another type.</returns>
    public bool TryGetExactText(string name, out string? value)
    {
        value = null;
        if (!_fields.TryGetValue(name, out var field) || field.ValueKind is JsonValueKind.Null)
        {
            return true;
        }

        if (field.ValueKind is not JsonValueKind.String)
        {
            return false;
        }

        try
        {
            value = field.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            // An escape that is half a surrogate pair is not text.
            return false;
        }
    }

    /// <summary>Reads a whole number.</summary>
    /// <param name="fallback">The value of an absent field, or of null.</param>
    /// <returns>False when it is of another type.</returns>
    public bool TryGetNumber(string name, long fallback, out long value)
    {
        value = fallback;
        return !_fields.TryGetValue(name, out var field) || field.ValueKind is JsonValueKind.Null || (field.ValueKind is JsonValueKind.Number && field.TryGetInt64(out value));
    }

    /// <summary>The raw JSON text of a field, as the client wrote it; <c>null</c> when it is absent.</summary>
    /// <remarks>A part of the body: valid until this is disposed of.</remarks>
    public ReadOnlyMemory<byte> GetRaw(string name)
    {
        if (!_fields.TryGetValue(name, out var field))
        {
            return Null;
        }

        var raw = JsonMarshal.GetRawUtf8Value(field);
        _body.Bytes.Span.Overlaps(raw, out var start);
        return _body.Bytes.Slice(start, raw.Length);
    }

    /// <summary>The JSON text of a field without the white space between its tokens; null when it is absent or null.</summary>
    public byte[]? GetCompact(string name) => GetRaw(name) is var raw && raw.Span.SequenceEqual("null"u8) ? null : JsonWriting.Compact(raw.Span);

    public void Dispose()
    {
        _document.Dispose();
        _body.Dispose();
    }

    // Names within values may repeat: a payload belongs to the publisher.
    private void Read()
    {
        if (_document.RootElement.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        foreach (var field in _document.RootElement.EnumerateObject())
        {
            if (NameOf(field) is { } name && !_fields.TryAdd(name, field.Value))
            {
                Dispose();
                throw new BadHttpRequestException($"the body names a field twice: {name}");
            }
        }
    }

    private static string? NameOf(JsonProperty field)
    {
        try
        {
            return field.Name;
        }
        catch (InvalidOperationException)
        {
            // An escape that is half a surrogate pair: not the name of a known field.
            return null;
        }
    }

    private static bool TryParse(in RequestBody body, out JsonDocument? document)
    {
        try
        {
            document = JsonDocument.Parse(body.Bytes, Options);
            return true;
        }
        catch (JsonException)
        {
            // Not JSON, or nested too deep; the caller answers 400.
            document = null;
            return false;
        }
    }
}
