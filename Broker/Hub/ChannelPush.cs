using System.Buffers;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Engine;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Protocol;

namespace ClawEvents.Broker.Hub;

/// <summary>The kinds of push.</summary>
internal enum PushKind : byte
{
    Publication,
    Join,
    Leave,

    /// <summary>Not sent: publications before it may be missing.</summary>
    Interruption,
}

/// <summary>A push on its way to the subscribers of one channel. Each variant is encoded once, when the first subscriber needs it.</summary>
/// <remarks>
/// A variant is a wire and, for publications, a form. All subscribers share the frame: a channel whose subscribers are of one kind costs one array.
/// Thread-safe: reactors that need the same variant at the same time may both encode it, and share one.
/// </remarks>
internal class ChannelPush
{
    private const int Forms = 3;

    private readonly ChannelName _channel;
    private readonly ReadOnlyMemory<byte> _previous;
    private readonly ClientInfo? _client;

    // Most channels need no variant but the first.
    private byte[]? _first;
    private byte[]?[]? _others;

    /// <param name="channel">Where it was published.</param>
    /// <param name="publication">Its memory must stay as it is while the push lives: on a reactor that is longer than the call that delivers it.</param>
    public ChannelPush(ChannelName channel, in DeliveredPublication publication)
    {
        _channel = channel;
        Position = publication.Position;
        Publication = publication.Publication;
        _previous = publication.Previous;
    }

    /// <param name="kind">Not a publication.</param>
    /// <param name="client">The client that joins or leaves; null for an interruption.</param>
    public ChannelPush(ChannelName channel, PushKind kind, ClientInfo? client)
    {
        _channel = channel;
        _client = client;
        Kind = kind;
    }

    public PushKind Kind { get; }

    /// <summary>Of an interruption, as in <see cref="IChannelReceiver.DeliverInterruption"/>.</summary>
    public StreamPosition? Top { get; init; }

    /// <summary>Its place among the channel's pushes on this node; set by the channel.</summary>
    public uint Number { get; set; }

    /// <summary>How it is compressed; null: <see cref="Frames.Compression.Usual"/>.</summary>
    public Compression? Compression { get; set; }

    /// <summary>Of a publication.</summary>
    public StreamPosition Position { get; }

    /// <summary>Of a publication; for those who are in this process. It stays as it is.</summary>
    public Publication Publication { get; }

    /// <summary>About the length of its frame, apart from what the protocol adds.</summary>
    public int DataBytes => Publication.Data.Length;

    /// <summary>Of a publication; null: none.</summary>
    public IReadOnlyDictionary<string, string>? Tags => Publication.Tags;

    /// <summary>Whether the publication can be sent as a patch to subscribers that have the one before it.</summary>
    public bool HasPrevious => !_previous.IsEmpty;

    /// <summary>The push as one kind of subscriber gets it.</summary>
    /// <param name="wire">The index of the subscriber's <see cref="Wire"/>.</param>
    /// <param name="form">How a publication's data is written. A patch that would not be shorter is sent whole.</param>
    /// <returns>Shared by all subscribers that get it, so it must not change. Empty when it cannot be written on this wire: the payload is not JSON.</returns>
    /// <remarks>Hot path: no allocation from the second call on.</remarks>
    public byte[] FrameFor(int wire, PublicationForm form)
    {
        var index = (wire * Forms) + (int)form;
        ref var frame = ref index == 0 ? ref _first : ref Others()[index - 1];
        return Volatile.Read(ref frame) ?? Interlocked.CompareExchange(ref frame, Encode(Wire.At(wire), form), null) ?? frame;
    }

    private byte[] Encode(Wire wire, PublicationForm form)
    {
        if (form is PublicationForm.Whole && wire.Codec.IsBinary)
        {
            return FrameFor(wire.Index, PublicationForm.Plain);
        }

        var patch = form is PublicationForm.Patch ? PatchBuffer.OfThisThread() : null;
        if (patch is not null && !FossilDelta.TryCreate(_previous.Span, Publication.Data.Span, patch, wholeCharacters: !wire.Codec.IsBinary))
        {
            return FrameFor(wire.Index, PublicationForm.Whole);
        }

        var frame = FrameWriter.Begin();
        return TryWrite(wire.Codec, frame, form, patch is null ? Publication.Data : patch.WrittenMemory) ? wire.Complete(frame, Compression).ToArray() : [];
    }

    private bool TryWrite(MessageCodec codec, FrameWriter frame, PublicationForm form, ReadOnlyMemory<byte> data) => Kind switch
    {
        PushKind.Join => codec.TryWriteJoinPush(frame, _channel, _client!),
        PushKind.Leave => codec.TryWriteLeavePush(frame, _channel, _client!),
        _ => codec.TryWritePublicationPush(frame, _channel, Describe(form, data)),
    };

    /// <summary>A publication as it is written.</summary>
    /// <param name="data">In the form.</param>
    protected virtual WirePublication Describe(PublicationForm form, ReadOnlyMemory<byte> data) => new()
    {
        Publication = Publication with { Data = data },
        Form = form,

        // Channels of claw.events accept nothing but JSON.
        IsChecked = _channel.IsClaw,
        Offset = Position.Offset,
        Epoch = Position.Offset == 1 ? Position.Epoch : null,
    };

    private byte[]?[] Others() =>
        Volatile.Read(ref _others) ?? Interlocked.CompareExchange(ref _others, new byte[]?[(Wire.Count * Forms) - 1], null) ?? _others;

    // A patch is no longer needed when it has been framed, so each thread keeps one buffer for it.
    private static class PatchBuffer
    {
        [ThreadStatic]
        private static ArrayBufferWriter<byte>? _buffer;

        public static ArrayBufferWriter<byte> OfThisThread()
        {
            var buffer = _buffer ??= new ArrayBufferWriter<byte>();
            buffer.ResetWrittenCount();
            return buffer;
        }
    }
}
