namespace ClawEvents.Broker.Protocol;

/// <summary>One command of a client, its values still the bytes of the message they came in.</summary>
/// <remarks>
/// Valid only as long as that message: the memory goes back to its pool when the message has been handled. A field that the request
/// does not have, or that came as null, is empty. What only a connect can bring sits in <see cref="Connect"/>, so that the
/// frequent commands stay values.
/// </remarks>
internal readonly record struct Command(CommandKind Kind, uint Id)
{
    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Channel { get; init; }

    /// <summary>UTF-8.</summary>
    public ReadOnlyMemory<byte> Token { get; init; }

    /// <summary>
    /// The payload: over JSON its text as the client spelt it, over Protobuf any bytes (<see cref="JsonPayload.IsValid"/> says whether it
    /// is JSON). Null when absent, which is not the same as a JSON null. Protobuf cannot tell absent from empty: both are null.
    /// </summary>
    public ReadOnlyMemory<byte>? Data { get; init; }

    /// <summary>UTF-8: of a subscribe with <see cref="Recover"/>, or of the place a history is asked from.</summary>
    public ReadOnlyMemory<byte> Epoch { get; init; }

    /// <summary>Belongs to <see cref="Epoch"/>.</summary>
    public ulong Offset { get; init; }

    /// <summary>The method of an rpc, UTF-8.</summary>
    public ReadOnlyMemory<byte> Method { get; init; }

    /// <summary>Of a history: most publications that are wanted; 0: the position only, below 0: all.</summary>
    public int Limit { get; init; }

    /// <summary>A history names a place, which is <see cref="Offset"/> and <see cref="Epoch"/>.</summary>
    public bool HasSince { get; init; }

    /// <summary>A history is wanted newest first.</summary>
    public bool Reverse { get; init; }

    /// <summary>The client wants its missed publications back.</summary>
    public bool Recover { get; init; }

    /// <summary>Rather an error than a subscription that missed something: bit 2 of <c>flag</c>.</summary>
    public bool RejectUnrecovered { get; init; }

    /// <summary>The client would like the broker to track its position.</summary>
    public bool Positioned { get; init; }

    /// <summary>The client would like to be able to recover.</summary>
    public bool Recoverable { get; init; }

    /// <summary>The client would like to hear who joins and leaves.</summary>
    public bool JoinLeave { get; init; }

    public DeltaType Delta { get; init; }

    /// <summary>Only publications with certain tags are wanted: for <see cref="MessageCodec.TryReadFilter"/>. Null: all are.</summary>
    public ReadOnlyMemory<byte>? Filter { get; init; }

    /// <summary>It is about a map or a shared poll: its <c>type</c> is not 0. This broker has streams.</summary>
    public bool HasOtherType { get; init; }

    /// <summary>What a connect says besides token and data; null when it says nothing more.</summary>
    public ConnectRequest? Connect { get; init; }

    /// <summary>Whether there is an id where there has to be one: only a pong and a send go without.</summary>
    /// <remarks>A pong is what is left when no request was found.</remarks>
    public bool IsComplete => Kind switch
    {
        CommandKind.Pong => Id == 0,
        CommandKind.Send => true,
        _ => Id != 0,
    };
}
