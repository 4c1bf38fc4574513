using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Api.Server;

/// <summary>A publication of a call.</summary>
/// <param name="IsData">False: what should have been base64 was not.</param>
/// <param name="IsJson">Its data is known to be JSON, if it has any.</param>
internal sealed record ServerPublication(bool IsData, bool IsJson, Publication Publication, PublishOptions Options)
{
    /// <summary>The rule for calls that need data.</summary>
    public const string DataRule = "data, or b64data in base64, is needed";

    private ReadOnlyMemory<byte> Data => Publication.Data;

    public static ServerPublication Read(ServerApiFields fields)
    {
        var isData = fields.TryBytes("data", isNullValue: true, out var data);
        return new(isData, fields.IsJson("data"), new(data, Tags: fields.Tags("tags")), new()
        {
            SkipHistory = fields.Flag("skip_history"),
            Delta = fields.Flag("delta"),
            IdempotencyKey = fields.Text("idempotency_key") is { Length: > 0 } key ? key : null,
            Version = fields.WholeNumber("version"),
            VersionEpoch = fields.Text("version_epoch") is { Length: > 0 } epoch ? epoch : null,
        });
    }

    /// <summary>Returns the rule that it breaks; null: it is valid.</summary>
    public string? Refuse(ChannelOptions options, bool isClaw) =>
        !IsData || (Data.IsEmpty && options.PayloadFormat is not PayloadFormat.Binary) ? DataRule
        : (isClaw || options.PayloadFormat is PayloadFormat.Json or PayloadFormat.JsonObject) && !(IsJson && !Data.IsEmpty) && !JsonPayload.IsValid(Data.Span) ? "data must be JSON on this channel"
        : options.PayloadFormat is PayloadFormat.JsonObject && Data.Span.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..] ? "data must be a JSON object (publication_data_format)"
        : IsTooLong(Options.IdempotencyKey) || IsTooLong(Options.VersionEpoch) ? $"idempotency_key and version_epoch may have at most {ProtocolLimits.MaxPublicationKeyLength} characters"
        : null;

    private static bool IsTooLong(string? text) => text?.Length > ProtocolLimits.MaxPublicationKeyLength;
}
