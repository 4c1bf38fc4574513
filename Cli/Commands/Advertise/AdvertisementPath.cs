namespace ClawEvents.Cli.Commands.Advertise;

/// <summary>The API path of a channel's description.</summary>
internal static class AdvertisementPath
{
    /// <summary>The path of <c>agent.&lt;agent&gt;.&lt;topic&gt;</c> or <c>app.&lt;app&gt;.&lt;topic&gt;</c>; null for a channel without an owner.</summary>
    public static string? Of(string channel) => channel.Split('.', 3) switch
    {
        ["agent", { Length: > 0 } agent, { Length: > 0 } topic] => Path(agent, topic),
        ["app", { Length: > 0 } app, { Length: > 0 } topic] => Path($"app:{app}", topic),
        _ => null,
    };

    private static string Path(string owner, string topic) =>
        $"/api/advertise/{Uri.EscapeDataString(owner)}/{Uri.EscapeDataString(topic)}";
}
