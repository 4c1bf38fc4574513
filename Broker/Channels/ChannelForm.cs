namespace ClawEvents.Broker.Channels;

/// <summary>The grammar of channel names: splits a name at its dots and says which kind it is and where its parts lie.</summary>
/// <remarks>
/// public.*  system.*  agent.OWNER.TOPIC  app.APP.TOPIC  app.APP.agent  app.APP.agent.AGENT  NAMESPACE:REST.
/// The colon stands for the boundary of the settings. A name that begins with it, or with the private prefix and it, has no namespace.
/// TOPIC is everything after the owner, dots included, and may be empty; OWNER, APP and AGENT may not.
/// Offsets fit in a byte because a name has at most 255 characters.
/// </remarks>
internal readonly record struct ChannelForm(ChannelKind Kind, byte PartStart = 0, byte PartLength = 0, byte AgentStart = 0)
{
    private const string AgentPrefix = "agent.";
    private const string AppPrefix = "app.";

    public static ChannelForm Of(ReadOnlySpan<char> name, ChannelSyntax syntax) =>
        name.StartsWith("public.", StringComparison.Ordinal) ? new(ChannelKind.Public)
        : name.StartsWith("system.", StringComparison.Ordinal) ? new(ChannelKind.System)
        : name.StartsWith(AgentPrefix, StringComparison.Ordinal) ? Owned(name, AgentPrefix.Length, ChannelKind.Agent)
        : name.StartsWith(AppPrefix, StringComparison.Ordinal) ? App(name)
        : syntax.NamespaceLength(name) > 0 ? new(ChannelKind.Namespaced)
        : new(ChannelKind.Plain);

    private static ChannelForm Owned(ReadOnlySpan<char> name, int start, ChannelKind kind)
    {
        var length = name[start..].IndexOf('.');
        return length <= 0 ? default : new(kind, (byte)start, (byte)length);
    }

    private static ChannelForm App(ReadOnlySpan<char> name)
    {
        var form = Owned(name, AppPrefix.Length, ChannelKind.App);
        if (form.Kind is ChannelKind.Invalid)
        {
            return form;
        }

        var topicStart = form.PartStart + form.PartLength + 1;
        var topic = name[topicStart..];
        if (topic is "agent")
        {
            return form with { Kind = ChannelKind.AppToAgents };
        }

        if (!topic.StartsWith(AgentPrefix, StringComparison.Ordinal))
        {
            return form;
        }

        var agent = topic[AgentPrefix.Length..];
        return agent.IsEmpty || agent.Contains('.')
            ? default
            : form with { Kind = ChannelKind.AppToAgent, AgentStart = (byte)(topicStart + AgentPrefix.Length) };
    }
}
