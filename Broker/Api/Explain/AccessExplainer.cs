using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Commands;
using ClawEvents.Broker.Permissions;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Publishing;

namespace ClawEvents.Broker.Api.Explain;

/// <summary>Says what would happen to an action now, by asking the code that decides when it happens.</summary>
/// <remarks>
/// It has no rule of its own: it only puts the questions that the doors put, in their order, and names the rule that answers. It changes nothing: a publish
/// is not counted, and no back end is asked, which may count, log or charge what it is asked. Thread-safe.
/// </remarks>
internal sealed class AccessExplainer(
    SubscribeAccess access, ChannelPermissions permissions, HistoryHandler history, PresenceHandler presence, ChannelPublisher publisher, ChannelQuotas quotas)
{
    private const string Claim = "claim";

    // What no namespace refuses for its form, so that only the sender is judged; null is held against no schema.
    private static readonly byte[] AnyPayload = [.. "null"u8];
    private static readonly byte[] AnyObject = [.. "{}"u8];

    /// <exception cref="Faults.StoreUnavailableException">The store is away.</exception>
    public ValueTask<AccessExplanation> ExplainAsync(AccessQuestion question) => question.Action switch
    {
        AccessAction.Subscribe => ExplainSubscribeAsync(question),
        AccessAction.Publish => ExplainPublishAsync(question),
        AccessAction.History => OfRuleAsync(question, history.JudgeAsync(question.Principal, question.Channel, question.IsSubscribed)),
        AccessAction.Presence => OfRuleAsync(question, presence.JudgeAsync(question.Principal, question.Channel, question.IsSubscribed)),
        _ => ExplainManagementAsync(question),
    };

    private ValueTask<AccessExplanation> ExplainSubscribeAsync(AccessQuestion question)
    {
        var (channel, isFinal) = (question.Channel, !SubscriptionPlan.PermissionsDecideAlways(question.Channel.Name));
        return isFinal && channel.Options is not null && question.Claimed.Any(claimed => claimed.Channel == channel.Name.Value) ? new(new AccessExplanation(Claim, true))
            : access.FindAuthority(channel, hasToken: false) is not { } rule ? OfRuleAsync(question, permissions.CanSubscribeAsync(question.Principal, channel))
            : rule is AccessRule.BackEnd && !isFinal ? OfBothAsync(question, channel.OptionsOrNone.SubscribeProxy)
            : new(OfRule(question, rule) with { BackEnd = rule is AccessRule.BackEnd ? channel.OptionsOrNone.SubscribeProxy : null });
    }

    // On the channels of claw.events a back end can refuse, and the permissions too.
    private async ValueTask<AccessExplanation> OfBothAsync(AccessQuestion question, string? backEnd)
    {
        var ours = await OfRuleAsync(question, permissions.CanSubscribeAsync(question.Principal, question.Channel));
        return ours.IsAllowed is false ? ours : OfRule(question, AccessRule.BackEnd) with { BackEnd = backEnd };
    }

    private async ValueTask<AccessExplanation> ExplainPublishAsync(AccessQuestion question)
    {
        var format = question.Channel.OptionsOrNone.PayloadFormat;
        var payload = question.Payload ?? (format is PayloadFormat.JsonObject && !question.Channel.Name.IsClaw ? AnyObject : AnyPayload);
        var request = new PublishRequest(question.Principal, question.Channel, new(payload)) { IsSubscribed = question.IsSubscribed };
        var isProxied = ProxiedPublishing.IsFor(question.Channel);
        var outcome = isProxied ? ChannelPublisher.CheckForm(request) : await publisher.JudgeAsync(request, isCounted: false);
        var isPublished = outcome.Status is PublishStatus.Published;
        var error = isPublished ? null : PublishError.Of(outcome, publisher, question.Channel.Name);
        return new(WordOf(outcome), isPublished && isProxied ? null : isPublished)
        {
            Rule = isPublished ? outcome.Rule : outcome.Refusal,
            Code = error?.Code ?? 0,
            Message = error?.Message,
            BackEnd = isPublished && isProxied ? question.Channel.OptionsOrNone.PublishProxy : null,
        };
    }

    private static string WordOf(in PublishOutcome outcome) => outcome.Status switch
    {
        PublishStatus.RateLimited or PublishStatus.AddressRateLimited => "rate_limit",
        PublishStatus.TooLarge => "size_limit",
        PublishStatus.SchemaMismatch => "schema",
        PublishStatus.BadFormat or PublishStatus.NotJson or PublishStatus.Empty => "format",
        _ => outcome.Rule!.Value.Word(),
    };

    private async ValueTask<AccessExplanation> ExplainManagementAsync(AccessQuestion question)
    {
        if (question.Principal.IsAnonymous)
        {
            return new(AccessRule.Anonymous.Word(), false) { Rule = AccessRule.Anonymous, Code = BearerAuthentication.Missing.Status, Message = BearerAuthentication.Missing.Message };
        }

        var (principal, channel) = (question.Principal, question.Channel.Name);
        var error = ChannelAction.Judge(principal, channel, ChannelActionWords.Of(question.Action)!, out var rule);
        var excess = error is not null ? null : question.Action switch
        {
            AccessAction.Lock => await quotas.FindExcessOfLocksAsync(channel),
            AccessAction.Grant => await quotas.FindExcessOfGrantsAsync(channel, target: ""),
            AccessAction.Advertise => await quotas.FindExcessOfAdvertisementsAsync(channel),
            _ => null,
        };
        var refusal = error ?? excess;
        return new(excess is null ? rule.Word() : "quota", refusal is null)
        {
            Rule = excess is null ? rule : null,
            Code = refusal?.Status ?? 0,
            Message = refusal?.Message,
        };
    }

    private static async ValueTask<AccessExplanation> OfRuleAsync(AccessQuestion question, ValueTask<AccessRule> asking)
    {
        // The store behind a network answers later; what it has answered before is at hand.
        var isAtHand = asking.IsCompleted;
        var rule = await asking;
        return OfRule(question, rule) with { From = !rule.ComesFromStore() ? null : isAtHand ? "memory" : "store" };
    }

    private static AccessExplanation OfRule(AccessQuestion question, AccessRule rule)
    {
        ErrorCode? error = rule.IsAllowed() ? null : AccessError.Of(rule, question.Channel.Name);
        return new(rule.Word(), rule is AccessRule.BackEnd ? null : rule.IsAllowed()) { Rule = rule, Code = error?.Code ?? 0, Message = error?.Message };
    }
}
