namespace ClawEvents.Broker.Protocol;

/// <summary>Limits that no setting moves: they keep the parser's work bounded whatever a stranger sends.</summary>
internal static class ProtocolLimits
{
    /// <summary>How deep JSON may nest, in a command and in its payload alike.</summary>
    public const int MaxJsonDepth = 64;

    /// <summary>
    /// Commands in one message. Official clients batch a handful; a message of the default 64 KiB could otherwise hold 21,000
    /// empty objects, each worth a reply.
    /// </summary>
    public const int MaxCommandsPerMessage = 1024;

    /// <summary>Entries of a map in a connect: subscriptions, headers. A connection may have 128 subscriptions unless a setting says otherwise.</summary>
    public const int MaxMapEntries = 1024;
}
