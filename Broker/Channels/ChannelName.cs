using System.Diagnostics.CodeAnalysis;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Channels;

/// <summary>The parsed name of a channel. Equality is byte-wise, as the protocol wants it.</summary>
/// <remarks>Immutable. Get one through <see cref="ChannelNames"/> where the name comes from a client.</remarks>
internal sealed class ChannelName : IEquatable<ChannelName>
{
    /// <summary>The prefix of an app's name as an owner; no agent's name begins with it.</summary>
    public const string AppOwnerPrefix = "app:";

    private readonly byte _partStart;
    private readonly byte _partLength;
    private readonly byte _agentStart;
    private readonly int _hash;

    private ChannelName(string value, ChannelForm form, ChannelSyntax syntax)
    {
        Value = value;
        Syntax = syntax;
        Kind = form.Kind;
        _partStart = form.PartStart;
        _partLength = form.PartLength;
        _agentStart = form.AgentStart;
        _hash = value.GetHashCode(StringComparison.Ordinal);
        JsonName = JsonWriting.Quote(value);
    }

    /// <summary>The whole name: 1 to the limit of <see cref="ChannelNames"/> bytes of printable ASCII.</summary>
    public string Value { get; }

    public ChannelKind Kind { get; }

    /// <summary>What it was parsed by.</summary>
    public ChannelSyntax Syntax { get; }

    /// <summary>The name as a JSON string, quotes included.</summary>
    public byte[] JsonName { get; }

    /// <summary>
    /// The key to the channel's options: the first dotted part of a channel of claw.events, else what is before the first boundary,
    /// without the private prefix at its start; empty for <see cref="ChannelKind.Plain"/> and <see cref="ChannelKind.Invalid"/>.
    /// </summary>
    public ReadOnlySpan<char> Namespace => Kind switch
    {
        ChannelKind.Invalid or ChannelKind.Plain => [],
        ChannelKind.Namespaced => Value.AsSpan(Syntax.PrefixLength(Value), Syntax.NamespaceLength(Value)),
        _ => Value.AsSpan(..Value.IndexOf('.')),
    };

    /// <summary>Outside of claw.events: what follows the namespace, or the whole name of a plain channel.</summary>
    public ReadOnlySpan<char> Rest =>
        Syntax.NamespaceLength(Value) is var length and >= 0 ? Value.AsSpan(Syntax.PrefixLength(Value) + length + Syntax.NamespaceBoundary.Length) : Value;

    /// <summary>Only a token of its own lets a client subscribe.</summary>
    public bool IsPrivate => !IsClaw && Syntax.PrefixLength(Value) > 0;

    /// <summary>Whether the name says which users may subscribe, where its namespace allows that.</summary>
    public bool NamesUsers => !IsClaw && Syntax.UserBoundary.Length > 0 && Value.Contains(Syntax.UserBoundary, StringComparison.Ordinal);

    /// <summary>The users who may subscribe, separated by that of <see cref="Syntax"/>. Only where <see cref="NamesUsers"/>.</summary>
    public ReadOnlySpan<char> Users => Value.AsSpan(Value.LastIndexOf(Syntax.UserBoundary, StringComparison.Ordinal) + Syntax.UserBoundary.Length);

    /// <summary>Whether the name has one of the forms of claw.events, or begins as one.</summary>
    public bool IsClaw => Kind is not (ChannelKind.Namespaced or ChannelKind.Plain);

    /// <summary>The second dotted part: the agent of <c>agent.*</c>, the app of <c>app.*</c>; empty for other kinds.</summary>
    public ReadOnlySpan<char> Owner => Value.AsSpan(_partStart, _partLength);

    /// <summary>The name of the principal that owns the channel: the agent's name, or <c>app:&lt;app&gt;</c>. Keys of the store start with it.</summary>
    public string OwnerKey => Kind is ChannelKind.Agent ? Owner.ToString() : $"{AppOwnerPrefix}{Owner}";

    /// <summary>The part after the owner in <c>agent.*</c> and <c>app.*</c>; may hold dots. Empty for other kinds.</summary>
    public ReadOnlySpan<char> Topic => HasOwner ? Value.AsSpan(_partStart + _partLength + 1) : [];

    /// <summary>The agent that <see cref="ChannelKind.AppToAgent"/> is for; empty for other kinds.</summary>
    public ReadOnlySpan<char> TargetAgent => Kind is ChannelKind.AppToAgent ? Value.AsSpan(_agentStart) : [];

    /// <summary>Whether somebody owns the channel and may therefore lock it and grant access.</summary>
    public bool IsLockable => Kind is ChannelKind.Agent or ChannelKind.App;

    /// <summary>Whether the form is one of those an app keeps for speaking with agents: nobody may lock it.</summary>
    public bool IsReserved => Kind is ChannelKind.AppToAgents or ChannelKind.AppToAgent;

    private bool HasOwner => _partLength > 0;

    /// <summary>Parses a name that consists of printable ASCII.</summary>
    /// <returns>False when the name is empty, longer than 255 characters or has a character outside 0x20 to 0x7E.</returns>
    /// <remarks>By the usual syntax: for names of claw.events, and those that <see cref="ChannelResolver.Resolve"/> gets.</remarks>
    public static bool TryParse(ReadOnlySpan<char> value, [NotNullWhen(true)] out ChannelName? name) => TryParse(value, ChannelSyntax.Default, out name);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out ChannelName?)"/>
    public static bool TryParse(ReadOnlySpan<char> value, ChannelSyntax syntax, [NotNullWhen(true)] out ChannelName? name)
    {
        name = null;
        if (value.Length is 0 or > ChannelNames.MaxBytes || value.ContainsAnyExceptInRange(' ', '~'))
        {
            return false;
        }

        name = new ChannelName(value.ToString(), ChannelForm.Of(value, syntax), syntax);
        return true;
    }

    public bool Equals(ChannelName? other) =>
        ReferenceEquals(this, other) || (other is not null && _hash == other._hash && Value == other.Value);

    public override bool Equals(object? obj) => Equals(obj as ChannelName);

    public override int GetHashCode() => _hash;

    public override string ToString() => Value;
}
