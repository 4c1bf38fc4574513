namespace ClawEvents.Broker.Protocol;

/// <summary>How a subscriber would like to get what changed in place of whole publications.</summary>
internal enum DeltaType : byte
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary><c>fossil</c>.</summary>
    Fossil,

    /// <summary>In a manner that nobody knows, which closes the connection (3501).</summary>
    Unknown,
}
