using System.Collections.Frozen;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Identity.Tokens;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Connections;

// What back ends are told of the client, and what they have said of it.
internal sealed partial class ClientConnection
{
    // Null for most connections: of these there is nothing to be told but what others know, too.
    private ProxyCaller? _caller;

    // Null unless there are any.
    private FrozenSet<string>? _granted;

    /// <summary>Those of the client's request that are kept.</summary>
    public ClientHeaders? Headers
    {
        get => _caller?.Headers ?? ClientHeaders.None;
        init => _caller = value is null || value == ClientHeaders.None ? null : MakeCaller() with { Headers = value };
    }

    /// <summary>How back ends are told of the client.</summary>
    public ProxyCaller Caller => (_caller ?? MakeCaller()) with { User = Principal.Name };

    /// <summary>Takes the headers that the client names in its connect; called once, before it is known who the client is.</summary>
    public void AddHeaders(IReadOnlyDictionary<string, string> headers)
    {
        if (headers.Count > 0 && Headers!.WithEmulated(headers, _services.Options.Proxies.EmulatedHeaders) is var all && all != Headers)
        {
            _caller = Caller with { Headers = all };
        }
    }

    /// <summary>Whether these are the channels that the client was granted when it connected.</summary>
    public bool IsGranted(IReadOnlyList<SubscriptionGrant> granted) =>
        (_granted ?? FrozenSet<string>.Empty).SetEquals(granted.Select(grant => grant.Channel));

    private void Remember(ConnectionIdentity identity)
    {
        _granted = identity.Subscriptions.Count == 0 ? null : identity.Subscriptions.Select(grant => grant.Channel).ToFrozenSet(StringComparer.Ordinal);
        Tell(identity.Meta);
    }

    private void Tell(ReadOnlyMemory<byte> meta)
    {
        if (!meta.IsEmpty)
        {
            _caller = Caller with { Meta = meta };
        }
    }

    private ProxyCaller MakeCaller() => new(Id, Wire.Transport, Codec.IsBinary ? "protobuf" : "json");
}
