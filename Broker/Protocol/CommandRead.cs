namespace ClawEvents.Broker.Protocol;

/// <summary>What there was to read.</summary>
internal enum CommandRead : byte
{
    /// <summary>A command.</summary>
    Command,

    /// <summary>Nothing more: the message has been used up.</summary>
    End,

    /// <summary>Something that is no command: the connection is closed with 3501.</summary>
    Malformed,
}
