using ClawEvents.Broker.Channels;

namespace ClawEvents.Broker.Protocol;

/// <summary>The form of a publication's data. Protobuf clients always get bytes.</summary>
internal enum PublicationForm : byte
{
    /// <summary>To subscribers without deltas: JSON clients get the data as it is.</summary>
    Plain,

    /// <summary>The whole data, to subscribers with deltas: JSON clients get its text as a JSON string.</summary>
    Whole,

    /// <summary>A patch against the publication before: JSON clients get its text as a JSON string.</summary>
    Patch,
}

/// <summary>A publication for clients.</summary>
internal readonly struct WirePublication
{
    /// <summary>Its data is the payload, or with <see cref="PublicationForm.Patch"/> what changed in it. Empty data: left out.</summary>
    public required Publication Publication { get; init; }

    public PublicationForm Form { get; init; }

    /// <summary>
    /// The data is known to be valid UTF-8 JSON (UTF-8 alone, in the forms for delta subscribers): JSON codecs then do not check it again.
    /// </summary>
    public bool IsChecked { get; init; }

    /// <summary>0 when it is not in a history.</summary>
    public ulong Offset { get; init; }

    /// <summary>For the publication with offset 1, which tells subscribers the epoch that began with it; otherwise null.</summary>
    public string? Epoch { get; init; }

    /// <summary>Milliseconds since 1970; 0: left out.</summary>
    public long Time { get; init; }

    /// <summary>The entry of a map or a shared poll that changed; null in a stream, and then the three below do not count.</summary>
    public string? Key { get; init; }

    /// <summary>The entry is gone: there is no data.</summary>
    public bool IsRemoved { get; init; }

    /// <summary>The entry's place in a map that is ordered by score.</summary>
    public long Score { get; init; }

    /// <summary>The version of a value in a shared poll; 0: left out.</summary>
    public ulong Version { get; init; }

    /// <summary>An entry of a map, or a change of one.</summary>
    public static WirePublication Of(MapPublication entry, PublicationForm form = PublicationForm.Plain) =>
        new WirePublication { Publication = entry.Publication, Form = form, Offset = entry.Offset }.With(entry);

    /// <summary>The same, as the change of a map's entry.</summary>
    public WirePublication With(MapPublication change) => this with { Key = change.Key, IsRemoved = change.Removed, Score = change.Score };

    public static WirePublication Of(StoredPublication stored, PublicationForm form = PublicationForm.Plain) =>
        new() { Publication = stored.Publication, Form = form, Offset = stored.Offset };
}
