namespace ClawEvents.Cli.Http;

/// <summary>What is wrong with a channel's name that a server does not accept, and what would be right.</summary>
internal static class ChannelAdvice
{
    /// <summary>The error of the API for a text that is no name of a channel, or of one without an owner where one is needed.</summary>
    public const string InvalidFormat = "invalid channel format";

    /// <summary>The rule that refuses a subscription to such a name.</summary>
    public const string UnusableName = "unusable_name";

    /// <summary>The end of a sentence.</summary>
    /// <param name="needsOwner">Whether it was for something that only an owner does.</param>
    public static string Problem(string channel, bool needsOwner) => (needsOwner, channel) switch
    {
        (true, ['p', 'u', 'b', 'l', 'i', 'c', '.', _, ..]) => $"{channel} has no owner: public channels are open to everybody",
        (true, ['s', 'y', 's', 't', 'e', 'm', '.', _, ..]) => $"{channel} has no owner: the server publishes on it, for everybody",
        _ => $"{channel} is not a channel name",
    };

    public static IReadOnlyList<string> Fixes(string channel, bool needsOwner) => Problem(channel, needsOwner).Contains("no owner", StringComparison.Ordinal)
        ? ["Use a channel with an owner: agent.<name>.<topic>, or app.<app>.<topic>"]
        : needsOwner ? ["Use agent.<name>.<topic> or app.<app>.<topic>"]
        : ["Use public.<topic>, agent.<name>.<topic> or app.<app>.<topic>"];
}
