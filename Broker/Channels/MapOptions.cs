namespace ClawEvents.Broker.Channels;

/// <summary>How long a map's keys live, and whether a client that comes back gets what it missed.</summary>
internal enum MapMode : byte
{
    /// <summary>Keys expire; changes have no offsets.</summary>
    Ephemeral,

    /// <summary>Keys expire; changes are kept in a stream.</summary>
    Recoverable,

    /// <summary>Keys stay until they are removed; changes are kept in a stream.</summary>
    Persistent,
}

/// <summary>The key that a client's publication has.</summary>
internal enum MapClientKey : byte
{
    /// <summary>The one that the client names.</summary>
    Given,

    /// <summary>The id of its connection.</summary>
    ClientId,

    /// <summary>Its user; clients without one may not publish.</summary>
    UserId,
}

/// <summary>The options of a namespace's maps: <c>map</c>. docs/reference/namespaces.md#maps</summary>
/// <remarks>Immutable.</remarks>
internal sealed record MapOptions
{
    /// <summary>The most entries or changes of one page, whatever a namespace or a caller says: an answer is bounded before it is allocated.</summary>
    public const int MostPerPage = 1000;

    /// <summary>How long the position of a map without keys is kept, where <see cref="MetaTtl"/> says that it is kept for good.</summary>
    public static readonly TimeSpan EmptyTtl = TimeSpan.FromDays(30);

    public static MapOptions None { get; } = new() { KeyTtl = TimeSpan.FromMinutes(1), MetaTtl = TimeSpan.FromMinutes(10) };

    public MapMode Mode { get; init; }

    /// <summary>How long a key stays after its last publication; zero: until it is removed.</summary>
    public TimeSpan KeyTtl { get; init; }

    /// <summary>Most changes kept in the stream; 0 without a stream.</summary>
    public int StreamSize { get; init; }

    /// <summary>How long after the last change the stream is kept.</summary>
    public TimeSpan StreamTtl { get; init; }

    /// <summary>How long after the last change or read the position is kept; not shorter than the other times. Zero: as long as there are keys.</summary>
    public TimeSpan MetaTtl { get; init; }

    /// <summary>The state is read by score, the highest first, and not by key.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>A client's own key, the id of its connection, is removed when it unsubscribes.</summary>
    public bool RemoveClientOnUnsubscribe { get; init; }

    public MapClientKey ClientKey { get; init; }

    public ClientPermission Publish { get; init; }

    public ClientPermission Remove { get; init; }

    /// <summary>The proxy that decides on a client's publication, by its name; null: the options decide.</summary>
    public string? PublishProxy { get; init; }

    /// <inheritdoc cref="PublishProxy"/>
    public string? RemoveProxy { get; init; }

    /// <summary>The page of a client that names no size.</summary>
    public int DefaultPageSize { get; init; } = 100;

    public int MinPageSize { get; init; } = 100;

    public int MaxPageSize { get; init; } = MostPerPage;

    /// <summary>The most changes that a client may have missed to go live with one answer.</summary>
    public int LiveTransitionLimit { get; init; } = MostPerPage;

    /// <summary>How long a client may read pages before it is live.</summary>
    public TimeSpan CatchUpTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether changes have offsets and can be recovered.</summary>
    public bool KeepsStream => Mode is not MapMode.Ephemeral;
}
