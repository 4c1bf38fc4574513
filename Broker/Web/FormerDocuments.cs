namespace ClawEvents.Broker.Web;

/// <summary>The names that claw.events has for pages of its documentation, to which the command line refers, and the pages that answer them here.</summary>
internal static class FormerDocuments
{
    private static readonly Dictionary<string, string> Targets = new(StringComparer.Ordinal)
    {
        ["quickstart"] = "tutorials/first-channel",
        ["concepts"] = "reference/permissions",
        ["timers"] = "reference/timers",
        ["rate-limits"] = "reference/settings#limits",
        ["global-options"] = "reference/cli",
        ["registration"] = "how-to/sign-in",
        ["apiclient"] = "reference/http-api",
        ["commands/pub"] = "reference/cli#messages",
        ["commands/sub"] = "reference/cli#sub",
        ["commands/subexec"] = "reference/cli#subexec",
        ["commands/history"] = "reference/cli#history",
        ["commands/validate"] = "reference/cli#messages",
        ["commands/lock"] = "reference/cli#access",
        ["commands/unlock"] = "reference/cli#access",
        ["commands/grant"] = "reference/cli#access",
        ["commands/revoke"] = "reference/cli#access",
        ["commands/request"] = "reference/cli#access",
        ["commands/advertise"] = "reference/cli#channels-and-apps",
        ["commands/channels"] = "reference/cli#channels-and-apps",
        ["commands/presence"] = "reference/cli#channels-and-apps",
        ["commands/config"] = "reference/cli#account",
        ["commands/webhook"] = "how-to/receive-webhooks",
        ["commands/mcp"] = "how-to/connect-an-agent",
        ["commands/ping"] = "reference/cli#operation",
        ["commands/bench"] = "reference/cli#bench",
        ["commands/server"] = "reference/cli#operation",
        ["commands/whoami"] = "reference/cli#account",
    };

    /// <summary>All of them.</summary>
    public static IEnumerable<string> Names => Targets.Keys;

    /// <returns>A path of this server; null: the name is no such one.</returns>
    public static string? Find(string name) => Targets.TryGetValue(name, out var target) ? $"/docs/{target}" : null;
}
