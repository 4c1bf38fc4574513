using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Frames;

namespace ClawEvents.Broker.Transports;

/// <summary>One of the transports that are an endless HTTP response.</summary>
/// <param name="Path">Where it answers.</param>
/// <param name="Text">The wire of its JSON form.</param>
/// <param name="ContentType">The content type of its JSON form.</param>
internal sealed record StreamKind(Func<TransportPaths, string> Path, IReadOnlyList<string> Methods, Wire Text, string ContentType)
{
    private const string Lines = "text/plain; charset=utf-8";
    private const string Events = "text/event-stream; charset=utf-8";

    /// <summary>The wire of a request whose body is <c>application/octet-stream</c>; null: such a body is read as JSON.</summary>
    public Wire? Binary { get; private init; }

    /// <summary>The first bytes of the response.</summary>
    public byte[] Beginning { get; private init; } = [];

    /// <summary>The message of an empty request; null: an empty request is refused.</summary>
    public string? EmptyMessage { get; private init; }

    /// <summary>The answers to a connect that fails; null: there are none, and the stream has begun by then.</summary>
    public Func<TransportSettings, IReadOnlyDictionary<int, ConnectFailure>>? Failures { get; private init; }

    public required Func<TransportSettings, bool> IsOn { get; init; }

    /// <summary>Size limit of the body that opens it; null: that of messages.</summary>
    public required Func<TransportSettings, int?> MaxBytes { get; init; }

    public static IReadOnlyList<StreamKind> All { get; } =
    [
        new(paths => paths.HttpStream, [HttpMethods.Post], Wire.StreamJson, Lines) { Binary = Wire.StreamProtobuf, IsOn = settings => settings.HttpStream, MaxBytes = settings => settings.HttpStreamMaxBytes },

        // A browser's EventSource can only GET. The empty line shows it that the response has begun. It ends in LF like the lines of
        // events: npm's eventsource loses the first event when CR LF comes in one chunk with it, as behind nginx and HAProxy.
        new(paths => paths.Events, [HttpMethods.Get, HttpMethods.Post], Wire.EventsJson, Events) { Beginning = [.. "\n"u8], IsOn = settings => settings.Events, MaxBytes = settings => settings.EventsMaxBytes },
        new(paths => paths.UniHttpStream, [HttpMethods.Post], Wire.UniStreamJson, Lines) { IsOn = settings => settings.UniHttpStream, MaxBytes = settings => settings.UniHttpStreamMaxBytes, Failures = settings => settings.UniHttpStreamFailures },
        new(paths => paths.UniEvents, [HttpMethods.Get, HttpMethods.Post], Wire.UniEventsJson, Events) { Beginning = [.. "\n"u8], EmptyMessage = "{}", IsOn = settings => settings.UniEvents, MaxBytes = settings => settings.UniEventsMaxBytes, Failures = settings => settings.UniEventsFailures },
    ];
}
