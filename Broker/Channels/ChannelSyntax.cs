namespace ClawEvents.Broker.Channels;

/// <summary>What separates the parts of a name outside of claw.events, as Centrifugo's options <c>channel.…</c> set it. Immutable; one for the whole broker.</summary>
/// <param name="NamespaceBoundary"><c>NamespaceBoundary</c>: between the namespace and the rest; empty: no name has a namespace.</param>
/// <param name="PrivatePrefix"><c>PrivateChannelPrefix</c>: begins a channel for which clients need a token; empty: no channel is such a one.</param>
/// <param name="UserBoundary"><c>UserBoundary</c>: before the users who may subscribe; empty: no channel names any.</param>
/// <param name="UserSeparator"><c>UserSeparator</c>: between these users; empty: there is one.</param>
internal sealed record ChannelSyntax(string NamespaceBoundary = ":", string PrivatePrefix = "$", string UserBoundary = "#", string UserSeparator = ",")
{
    public static ChannelSyntax Default { get; } = new();

    /// <summary>Where the namespace of a name ends, which may have a private prefix; not above 0 when it has none.</summary>
    /// <returns>The place of the boundary, behind the prefix.</returns>
    public int NamespaceLength(ReadOnlySpan<char> name) =>
        NamespaceBoundary.Length == 0 ? -1 : name[PrefixLength(name)..].IndexOf(NamespaceBoundary, StringComparison.Ordinal);

    /// <summary>0 when the name does not begin with the prefix of private channels.</summary>
    public int PrefixLength(ReadOnlySpan<char> name) =>
        PrivatePrefix.Length > 0 && name.StartsWith(PrivatePrefix, StringComparison.Ordinal) ? PrivatePrefix.Length : 0;
}
