namespace ClawEvents.Broker.Protocol;

/// <summary>Limits that no setting changes: they bound the parser's work on untrusted messages.</summary>
internal static class ProtocolLimits
{
    /// <summary>Nesting of JSON, in commands and in payloads.</summary>
    public const int MaxJsonDepth = 64;

    /// <summary>
    /// Commands in one message. Official clients batch a handful; a message of the default 64 KiB could otherwise hold 21,000
    /// empty objects, each worth a reply.
    /// </summary>
    public const int MaxCommandsPerMessage = 1024;

    /// <summary>Entries of a map in a connect: subscriptions, headers. A connection may have 128 subscriptions unless a setting says otherwise.</summary>
    public const int MaxMapEntries = 1024;

    /// <summary>
    /// Keys of a shared poll in one command, and the batches they are in. A connection may track fewer; a message of 1 MiB could hold 200,000.
    /// </summary>
    public const int MaxTrackedKeys = 16_384;

    /// <summary>The room in a close frame after the code (RFC 6455, section 5.5).</summary>
    public const int MaxCloseReasonBytes = 123;

    /// <summary>Characters of a key or an epoch that a back end gives to a publication: the engine keeps them.</summary>
    public const int MaxPublicationKeyLength = 1024;
}
