using ClawEvents.Broker.Identity;
using ClawEvents.Broker.Permissions;

namespace ClawEvents.Broker.Api.Explain;

/// <summary>A sentence for each rule, and the options of the namespace that it read.</summary>
internal static class AccessReasons
{
    /// <summary>One sentence for a person, about this channel and principal.</summary>
    public static string SentenceOf(AccessQuestion question, AccessExplanation answer)
    {
        var (channel, who) = (question.Channel.Name, NameOf(question.Principal));
        return answer.Rule switch
        {
            AccessRule.Public => "every client may use public channels",
            AccessRule.System => "every client may listen to system channels",
            AccessRule.Owner => $"{who} owns the channel",
            AccessRule.Unlocked => "the channel is not locked, so every client may listen",
            AccessRule.Granted => $"the channel is locked, and {who} has a grant",
            AccessRule.Party => $"the channel is between the app {channel.Owner} and {who}",
            AccessRule.Agent => "every agent may listen to this channel of an app",
            AccessRule.UserList => $"the name of the channel lists {who}",
            AccessRule.Clients => "the namespace allows it to clients",
            AccessRule.Subscribers => "the namespace allows it to clients that are subscribed, as this one is",
            AccessRule.Insecure => "the broker runs in insecure mode",
            AccessRule.Locked => $"the channel is locked, and {who} has no grant: its owner, {channel.OwnerKey}, can give one",
            AccessRule.NotOwner => $"only the owner may do this: {channel.OwnerKey}",
            AccessRule.NotParty => $"only the app {channel.Owner} and the agent {channel.TargetAgent} may use the channel",
            AccessRule.NotAgent => $"only agents and the app {channel.Owner} may listen to the channel",
            AccessRule.SystemOnly => "only the broker publishes to system channels",
            AccessRule.NotListed => $"the name of the channel lists its users, and {who} is not among them",
            AccessRule.TokenNeeded => "the name begins with $: a subscribe needs a token for this channel",
            AccessRule.NotForClients => "the namespace does not allow it to clients",
            AccessRule.NotSubscribed => "the namespace allows it only to clients that are subscribed to the channel",
            AccessRule.Anonymous when question.Action > AccessAction.Presence => "this needs a token",
            AccessRule.Anonymous => "the namespace does not allow it to clients without a user: sign in",
            AccessRule.SwitchedOff => "the namespace does not have this feature switched on",
            AccessRule.Reserved => "the channel is reserved for messages between an app and agents",
            AccessRule.NoOwner => "the channel has no owner, who alone could do this",
            AccessRule.UnusableName => "no client may use a channel of that name",
            AccessRule.UnknownNamespace => $"the namespace {channel.Namespace} is not configured",
            AccessRule.BadName => "the name does not match the pattern of its namespace",
            AccessRule.BackEnd or null => OtherSentenceOf(answer),
            _ => answer.Word,
        };
    }

    /// <summary>The keys of docs/reference/namespaces.md whose values decided.</summary>
    public static IReadOnlyList<string> OptionsOf(AccessQuestion question, AccessExplanation answer)
    {
        var action = question.Action.Word();
        return (answer.Rule, question) switch
        {
            (AccessRule.Clients, { Principal.IsAnonymous: true }) => [$"allow_{action}_for_client", $"allow_{action}_for_anonymous"],
            (AccessRule.Subscribers, { Principal.IsAnonymous: true }) => [$"allow_{action}_for_subscriber", $"allow_{action}_for_anonymous"],
            (AccessRule.Clients or AccessRule.NotForClients, { Action: <= AccessAction.Presence }) => [$"allow_{action}_for_client"],
            (AccessRule.Subscribers or AccessRule.NotSubscribed, _) => [$"allow_{action}_for_subscriber"],
            (AccessRule.Anonymous, { Action: <= AccessAction.Presence }) => [$"allow_{action}_for_anonymous"],
            (AccessRule.UserList or AccessRule.NotListed, _) => ["allow_user_limited_channels"],
            (AccessRule.SwitchedOff, { Action: AccessAction.History }) => ["history_size", "history_ttl"],
            (AccessRule.SwitchedOff, _) => ["presence"],
            (AccessRule.BadName, _) => ["channel_regex"],
            (AccessRule.BackEnd, _) => [$"{action}_proxy_enabled"],
            (null, _) when answer.Word == "format" => ["publication_data_format"],
            _ => [],
        };
    }

    private static string NameOf(Principal principal) => principal.IsAnonymous ? "a client without a user" : principal.Name;

    private static string OtherSentenceOf(AccessExplanation answer) =>
        answer.BackEnd is { } backEnd ? $"the back end {backEnd} decides; it has not been asked"
        : answer.Word == "claim" ? "the token grants it (claim channels or subs): the subscription begins with the connection"
        : answer.Message ?? answer.Word;
}
