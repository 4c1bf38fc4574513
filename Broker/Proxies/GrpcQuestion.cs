using ClawEvents.Broker.Proxies.Messages;
using Google.Protobuf;

namespace ClawEvents.Broker.Proxies;

/// <summary>An event as the requests of gRPC: the fields are those of the JSON that <see cref="ProxyRequestWriter"/> writes. Pure.</summary>
internal sealed record GrpcQuestion(ProxySettings Proxy, ProxyCaller Caller, ProxyEvent Happened)
{
    public ProxyEventKind Kind => Happened.Kind;

    private string Client => Caller.Client.ToString();

    private string Encoding => Proxy.UsesBase64 ? "binary" : "json";

    private ByteString Data => Proxy.UsesBase64 ? ByteString.Empty : ByteString.CopyFrom((Happened.Data ?? default).Span);

    private string Base64 => Proxy.UsesBase64 ? Convert.ToBase64String((Happened.Data ?? default).Span) : "";

    private ByteString Meta => Proxy.IncludesMeta ? ByteString.CopyFrom(Caller.Meta.Span) : ByteString.Empty;

    public ConnectRequest Connect() => new()
    {
        Client = Client,
        Transport = Caller.Transport,
        Protocol = Caller.Protocol,
        Encoding = Encoding,
        Data = Data,
        B64Data = Base64,
        Name = Happened.Name,
        Version = Happened.Version,
        Channels = { Happened.Channels },
    };

    public RefreshRequest Refresh() => new()
    {
        Client = Client,
        Transport = Caller.Transport,
        Protocol = Caller.Protocol,
        Encoding = Encoding,
        User = Caller.User,
        Meta = Meta,
    };

    public SubscribeRequest Subscribe() => new()
    {
        Client = Client,
        Transport = Caller.Transport,
        Protocol = Caller.Protocol,
        Encoding = Encoding,
        User = Caller.User,
        Channel = Happened.Channel,
        Meta = Meta,
        Data = Data,
        B64Data = Base64,
    };

    public PublishRequest Publish() => new()
    {
        Client = Client,
        Transport = Caller.Transport,
        Protocol = Caller.Protocol,
        Encoding = Encoding,
        User = Caller.User,
        Channel = Happened.Channel,
        Meta = Meta,
        Data = Data,
        B64Data = Base64,
    };

    public SubRefreshRequest SubRefresh() => new()
    {
        Client = Client,
        Transport = Caller.Transport,
        Protocol = Caller.Protocol,
        Encoding = Encoding,
        User = Caller.User,
        Channel = Happened.Channel,
        Meta = Meta,
    };

    public MapPublishRequest MapPublish() => new()
    {
        Client = Client,
        Transport = Caller.Transport,
        Protocol = Caller.Protocol,
        Encoding = Encoding,
        User = Caller.User,
        Channel = Happened.Channel,
        Key = Happened.Key,
        Meta = Meta,
        Data = Data,
        B64Data = Base64,
    };

    public MapRemoveRequest MapRemove() => new()
    {
        Client = Client,
        Transport = Caller.Transport,
        Protocol = Caller.Protocol,
        Encoding = Encoding,
        User = Caller.User,
        Channel = Happened.Channel,
        Key = Happened.Key,
        Meta = Meta,
    };

    public RPCRequest Rpc() => new()
    {
        Client = Client,
        Transport = Caller.Transport,
        Protocol = Caller.Protocol,
        Encoding = Encoding,
        User = Caller.User,
        Method = Happened.Method,
        Meta = Meta,
        Data = Data,
        B64Data = Base64,
    };

    public SharedPollRefreshRequest SharedPollRefresh() => new()
    {
        Channel = Happened.Channel,
        Items = { Happened.Items.Select(item => new SharedPollRefreshItem { Key = item.Key, Version = item.Version }) },
    };
}
