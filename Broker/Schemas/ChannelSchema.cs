using System.Text.Json;

namespace ClawEvents.Broker.Schemas;

/// <summary>The compiled JSON Schema (Draft 7) of an advertised channel. docs/reference/schemas.md lists what it supports.</summary>
/// <remarks>
/// Immutable and free of gates: compile once, validate on any thread. Neither compiling nor validating throws, reads files, reaches
/// the network, or costs more than <see cref="SchemaLimits"/> allow, whatever the two texts are.
/// </remarks>
internal sealed class ChannelSchema
{
    private static readonly JsonDocumentOptions SchemaOptions = new() { MaxDepth = SchemaLimits.MaxSchemaDepth };
    private static readonly JsonDocumentOptions PayloadOptions = new() { MaxDepth = SchemaLimits.MaxPayloadDepth };

    private readonly SchemaNode? _root;

    private ChannelSchema(SchemaNode? root, string? fault)
    {
        _root = root;
        Fault = fault is null ? null : SchemaLimits.Shorten("The advertised schema cannot be used: " + fault);
    }

    /// <summary>The reason that the schema cannot be used, which is then the only error of every validation; null if it can be used.</summary>
    public string? Fault { get; }

    /// <param name="utf8Json">
    /// The schema. JSON that is neither an object nor a boolean allows everything. Costs time and memory in proportion to its length,
    /// which the caller must limit.
    /// </param>
    public static ChannelSchema Compile(ReadOnlyMemory<byte> utf8Json)
    {
        using var document = TryParse(utf8Json, SchemaOptions);
        if (document is null)
        {
            return new ChannelSchema(null, $"it is not JSON, or is nested deeper than {SchemaLimits.MaxSchemaDepth}");
        }

        var (root, fault) = SchemaReading.IsSchema(document.RootElement) ? SchemaCompiler.Compile(document.RootElement) : (null, null);
        return new ChannelSchema(root, fault);
    }

    /// <param name="payloadUtf8">One JSON value. The caller must limit its length.</param>
    /// <returns>Its errors, at most <see cref="SchemaLimits.MaxErrors"/>; empty if it is valid.</returns>
    public IReadOnlyList<SchemaError> Validate(ReadOnlyMemory<byte> payloadUtf8)
    {
        if (_root is null)
        {
            return Fault is null ? [] : [new SchemaError("", Fault)];
        }

        using var document = TryParse(payloadUtf8, PayloadOptions);
        if (document is null)
        {
            return [new SchemaError("", $"Payload is not JSON, or is nested deeper than {SchemaLimits.MaxPayloadDepth}")];
        }

        var evaluation = new SchemaEvaluation();
        evaluation.Check(_root, document.RootElement);
        return evaluation.Errors;
    }

    /// <returns>Null if the text is not JSON, is nested too deeply, or has a string that is not Unicode.</returns>
    private static JsonDocument? TryParse(ReadOnlyMemory<byte> json, JsonDocumentOptions options)
    {
        if (!JsonText.IsDecodable(json.Span))
        {
            return null;
        }

        try
        {
            return JsonDocument.Parse(json, options);
        }
        catch (JsonException)
        {
            // JsonDocument has no parser that returns false.
            return null;
        }
    }
}
