using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Protocol;

/// <summary>How the data of a publication is written. To Protobuf clients it always goes as bytes.</summary>
internal enum PublicationForm : byte
{
    /// <summary>To subscribers without deltas: JSON clients get the data as it is.</summary>
    Plain,

    /// <summary>The whole data, to subscribers with deltas: JSON clients get its text as a JSON string.</summary>
    Whole,

    /// <summary>A patch against the publication before: JSON clients get its text as a JSON string.</summary>
    Patch,
}

/// <summary>A publication as it goes to clients.</summary>
internal readonly ref struct WirePublication
{
    /// <summary>The payload, or with <see cref="PublicationForm.Patch"/> what changed in it. Empty: left out.</summary>
    public required ReadOnlySpan<byte> Data { get; init; }

    public PublicationForm Form { get; init; }

    /// <summary>
    /// <see cref="Data"/> is known to be valid UTF-8 JSON (UTF-8 alone, in the forms for delta subscribers): JSON codecs then do not look again.
    /// </summary>
    public bool IsChecked { get; init; }

    /// <summary>0: it is in no history.</summary>
    public ulong Offset { get; init; }

    /// <summary>For the publication with offset 1, which tells subscribers the epoch that began with it; otherwise null.</summary>
    public string? Epoch { get; init; }

    /// <summary>Who published it over a connection; null for the rest.</summary>
    public ClientInfo? Publisher { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>Milliseconds since 1970; 0: not told.</summary>
    public long Time { get; init; }

    public static WirePublication Of(StoredPublication publication, PublicationForm form = PublicationForm.Plain) => new()
    {
        Data = publication.Data.Span,
        Form = form,
        Offset = publication.Offset,
        Publisher = publication.Publisher,
        Tags = publication.Tags,
    };
}
