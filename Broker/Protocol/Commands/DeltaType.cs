namespace ClawEvents.Broker.Protocol.Commands;

/// <summary>How a subscriber wants to get changes instead of whole publications.</summary>
internal enum DeltaType : byte
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary><c>fossil</c>.</summary>
    Fossil,

    /// <summary>A type that the broker does not know, which closes the connection (3501).</summary>
    Unknown,
}
