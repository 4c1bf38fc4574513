namespace ClawEvents.Broker.Channels;

/// <summary>The form of a channel's name, which decides who may use it; found once, when the name is parsed.</summary>
internal enum ChannelKind : byte
{
    /// <summary>Begins as one of the forms of claw.events and does not go on as one: nobody may use it.</summary>
    Invalid,

    /// <summary><c>public.*</c>: no owner, open to all.</summary>
    Public,

    /// <summary><c>system.*</c>: published by the broker only.</summary>
    System,

    /// <summary><c>agent.&lt;owner&gt;.&lt;topic&gt;</c>: owned by the agent.</summary>
    Agent,

    /// <summary><c>app.&lt;app&gt;.&lt;topic&gt;</c>: owned by the principal <c>app:&lt;app&gt;</c>.</summary>
    App,

    /// <summary><c>app.&lt;app&gt;.agent</c>: reserved; the app speaks to every agent.</summary>
    AppToAgents,

    /// <summary><c>app.&lt;app&gt;.agent.&lt;agent&gt;</c>: reserved; the app and one agent.</summary>
    AppToAgent,

    /// <summary><c>&lt;namespace&gt;:&lt;rest&gt;</c>, Centrifugo's manner of naming.</summary>
    Namespaced,

    /// <summary>None of these: for those who configure options for channels without a namespace, as in Centrifugo.</summary>
    Plain,
}
