using ClawEvents.Broker.Permissions;

namespace ClawEvents.Broker.Webhooks;

/// <summary>Why a webhook is paused: a word of these, or of the rule of the permissions that refuses its owner. Documented, so they never change.</summary>
internal static class WebhookReasons
{
    public const string Failing = "failing";
    public const string Gone = "gone";
    public const string TokenRevoked = "token_revoked";

    private static readonly string BackEnd = AccessRule.BackEnd.Word();
    private static readonly string TokenNeeded = AccessRule.TokenNeeded.Word();
    private static readonly string Locked = AccessRule.Locked.Word();

    /// <summary>The reason in a sentence, and what the owner can do.</summary>
    public static string Describe(string word) => word switch
    {
        Failing => "deliveries have failed for too long: see to the receiver, then resume the webhook",
        Gone => "the receiver has answered 410, that it is gone: remove the webhook, or resume it",
        TokenRevoked => "the token that registered or resumed the webhook was revoked or replaced: resume it with a valid token",
        _ when word == BackEnd => "a back end decides who may hear this channel, and it knows connections only: webhooks are not possible here",
        _ when word == TokenNeeded => "only a token for this subscription allows this channel: webhooks are not possible here",
        _ when word == Locked => "the channel is locked, and its owner has granted no access",
        _ => $"the owner of the webhook may not hear the channel: {word}",
    };
}
