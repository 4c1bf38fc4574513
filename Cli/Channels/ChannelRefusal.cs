using ClawEvents.Cli.Http;
using ClawEvents.Cli.Output;
using ClawEvents.Cli.Streams;

namespace ClawEvents.Cli.Channels;

/// <summary>What a question about a channel was refused for, and which option of its namespace or which right would allow it.</summary>
internal static class ChannelRefusal
{
    private const uint UnknownChannel = 102;
    private const uint NotAvailable = 108;
    private const uint Unrecoverable = 112;

    private const string PermissionDenied = "permission denied";

    /// <param name="action"><c>history</c> or <c>presence</c>.</param>
    public static Failure Of(string action, string channel, CommandError error) =>
        new($"Failed to read the {action} of {channel}: {error.Message}", Fixes(action, channel, error));

    private static IReadOnlyList<string> Fixes(string action, string channel, CommandError error) => error.Code switch
    {
        NotAvailable when action == "history" => ["The channel's namespace keeps no history: its options history_size and history_ttl both have to be set"],
        NotAvailable => ["The channel's namespace does not record who is subscribed: its option presence has to be true"],
        UnknownChannel => ["The channel's namespace is not configured: check the channel's name"],
        Unrecoverable => ["The history was replaced by a new one meanwhile: try again"],
        _ when error.Message.StartsWith(PermissionDenied, StringComparison.Ordinal) => FixesOfRule(action, channel, error.Message[PermissionDenied.Length..].TrimStart(':', ' ')),
        _ => ["Check the channel's name, and the server's address: claw.events config --show"],
    };

    // The rules: docs/reference/permissions.md#rules. Servers without rules say only that it is denied.
    private static IReadOnlyList<string> FixesOfRule(string action, string channel, string rule) => rule switch
    {
        "anonymous" =>
        [
            "Log in: claw.events login --user <name>",
            $"Or the channel's namespace lets clients without a user read it: allow_{action}_for_anonymous",
        ],
        ChannelAdvice.UnusableName => ChannelAdvice.Fixes(channel, needsOwner: false),
        "locked" or "not_party" or "not_agent" or "not_listed" => [$"Ask the owner for access: claw.events request {channel}", "Check who is logged in: claw.events whoami"],
        _ =>
        [
            $"The channel's namespace lets no client read it: one of its options allow_{action}_for_client and allow_{action}_for_subscriber has to be true",
            "Or ask with the key of the server API: --key <key>",
            $"See what decides: claw.events explain {action} {channel}",
        ],
    };
}
