using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Publishing;
using ClawEvents.Broker.Schemas;

namespace ClawEvents.Broker.Commands;

/// <summary>The error code of a refused publish.</summary>
internal static class PublishError
{
    public static readonly ErrorCode NoData = ErrorCode.BadRequest.Because("bad request: data is missing (null is data, too)");

    /// <param name="outcome">A refusal.</param>
    /// <param name="publisher">Knows the rules that were broken.</param>
    /// <param name="channel">The one to publish to.</param>
    public static ErrorCode Of(in PublishOutcome outcome, ChannelPublisher publisher, ChannelName channel) => outcome.Status switch
    {
        PublishStatus.AddressRateLimited => ErrorCode.TooManyRequests.Because("rate limit exceeded (anonymous publishes of this address): sign in, or try again in a second"),
        PublishStatus.RateLimited => ErrorCode.TooManyRequests.Because(publisher.RateRule),
        PublishStatus.TooLarge => ErrorCode.BadRequest.Because(publisher.SizeRule),
        PublishStatus.SchemaMismatch => ErrorCode.BadRequest.Because(Describe(outcome.Mismatches![0])),
        PublishStatus.BadFormat => ErrorCode.BadRequest.Because("bad request: data has to be a JSON object in this namespace (publication_data_format)"),
        PublishStatus.NotJson => ErrorCode.BadRequest.Because("bad request: data has to be JSON in UTF-8 here"),
        PublishStatus.Empty => NoData,
        PublishStatus.RefusedByBackEnd => outcome.Error!,
        _ => AccessError.Of(outcome.Rule ?? AccessRule.UnusableName, channel),
    };

    private static string Describe(SchemaError mismatch) =>
        $"Schema validation failed: {mismatch.Path}{(mismatch.Path.Length > 0 ? ": " : "")}{mismatch.Message}";
}
