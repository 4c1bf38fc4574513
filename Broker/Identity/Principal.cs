using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Identity;

/// <summary>The sender of a command or request: an agent, an app, or anonymous.</summary>
/// <remarks>Immutable; all connections without a token share the anonymous one.</remarks>
internal sealed class Principal
{
    /// <summary>The beginning of an app's name, and of no agent's.</summary>
    public const string AppPrefix = ChannelName.AppOwnerPrefix;

    private Principal(string name, string sender, TokenStamp token)
    {
        Name = name;
        Token = token;
        JsonName = JsonWriting.Quote(name);
        JsonSender = JsonWriting.Quote(sender);
    }

    public static Principal Anonymous { get; } = new("", AnonymousSender, TokenStamp.None);

    /// <summary>The sender that publications of anonymous connections carry; no agent can register it.</summary>
    public const string AnonymousSender = "anonymous";

    /// <summary>The agent's name, <c>app:&lt;name&gt;</c> for an app, or empty for the anonymous principal.</summary>
    public string Name { get; }

    /// <summary><see cref="Name"/> as a JSON string, quotes included.</summary>
    public byte[] JsonName { get; }

    /// <summary>The sender in the envelope of a publication, as a JSON string.</summary>
    public byte[] JsonSender { get; }

    /// <summary>The token that has identified it.</summary>
    public TokenStamp Token { get; }

    public bool IsAnonymous => Name.Length == 0;

    public bool IsApp => Name.StartsWith(AppPrefix, StringComparison.Ordinal);

    public bool IsAgent => !IsAnonymous && !IsApp;

    /// <param name="user">The user that a proxy names; empty: anonymous.</param>
    public static Principal Of(string user) => Of(user, TokenStamp.None);

    /// <param name="subject">The subject of a verified token; empty: anonymous.</param>
    public static Principal Of(string subject, TokenStamp token) => subject.Length == 0 ? Anonymous : new(subject, subject, token);

    /// <summary>Whether this is the agent of that name.</summary>
    public bool IsAgentNamed(ReadOnlySpan<char> agent) => agent.SequenceEqual(Name) && IsAgent;

    /// <summary>Whether this is the app of that name.</summary>
    public bool IsAppNamed(ReadOnlySpan<char> app) => IsApp && app.SequenceEqual(Name.AsSpan(AppPrefix.Length));

    public override string ToString() => Name;
}
