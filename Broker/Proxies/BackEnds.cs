using System.Collections.Concurrent;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Http;
using ClawEvents.Broker.Protocol;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Proxies;

/// <summary>Asks an operator's back ends about events of clients: one request for each event, by HTTP or gRPC. docs/reference/proxies.md</summary>
/// <remarks>Thread-safe. A question takes at most the back end's timeout. A failing back end is logged once, until it answers again.</remarks>
internal sealed partial class BackEnds(ProxySender http, GrpcSender grpc, BrokerMetrics metrics, TimeProvider time, ILogger<BackEnds> logger)
{
    private readonly ConcurrentDictionary<string, bool> _failing = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Identifies a client without a token. Undecided when the back end names no user.</summary>
    public Task<Outcome<ConnectAnswer>> ConnectAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, CancellationToken cancellation) =>
        AskAsync(proxy, caller, happened, ProxyAnswerReader.Connect, cancellation);

    /// <summary>May an expired connection, or subscription, go on?</summary>
    public Task<Outcome<RefreshAnswer>> RefreshAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, CancellationToken cancellation) =>
        AskAsync(proxy, caller, happened, ProxyAnswerReader.Refresh, cancellation);

    /// <summary>May a client subscribe, and how?</summary>
    public Task<Outcome<AllowedSubscription>> SubscribeAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, CancellationToken cancellation) =>
        AskAsync(proxy, caller, happened, body => ProxyAnswerReader.Subscribe(body, happened.Channel), cancellation);

    /// <summary>May a client subscribe, and how? The stream of the answer stays open, for this subscription alone.</summary>
    /// <param name="proxy">One over gRPC.</param>
    /// <returns>What is allowed has the stream as its source.</returns>
    public async Task<Outcome<AllowedSubscription>> OpenStreamAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, SubscribeStream direction)
    {
        SubscriptionStream? stream = null;
        var outcome = await JudgeAsync(proxy, happened, OpenAsync, body => ProxyAnswerReader.Subscribe(body, happened.Channel));
        if (outcome.Value is { } allowed)
        {
            return Outcome<AllowedSubscription>.Of(allowed with { Source = stream });
        }

        stream?.Dispose();
        return outcome;

        async Task<FetchResult> OpenAsync()
        {
            (var answer, stream) = await grpc.OpenStreamAsync(proxy, caller, happened, direction);
            return answer;
        }
    }

    /// <summary>May a client publish, and what?</summary>
    public Task<Outcome<PublishAnswer>> PublishAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, CancellationToken cancellation) =>
        AskAsync(proxy, caller, happened, ProxyAnswerReader.Publish, cancellation);

    /// <summary>May a client publish to a map, and what?</summary>
    public Task<Outcome<MapPublishAnswer>> MapPublishAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, CancellationToken cancellation) =>
        AskAsync(proxy, caller, happened, ProxyAnswerReader.MapPublish, cancellation);

    /// <summary>May a client remove a key of a map, and which?</summary>
    public Task<Outcome<MapRemoveAnswer>> MapRemoveAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, CancellationToken cancellation) =>
        AskAsync(proxy, caller, happened, ProxyAnswerReader.MapRemove, cancellation);

    /// <summary>Calls a remote procedure.</summary>
    public Task<Outcome<CallResult>> RpcAsync(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, CancellationToken cancellation) =>
        AskAsync(proxy, caller, happened, ProxyAnswerReader.Rpc, cancellation);

    /// <summary>Asks for the values of a shared poll. A disconnect in the answer means nothing: no client has asked.</summary>
    /// <param name="items">Of one channel.</param>
    public Task<Outcome<PollAnswer>> PollAsync(ProxySettings proxy, ChannelName channel, IReadOnlyList<AskedKey> items, CancellationToken cancellation) =>
        AskAsync(proxy, ProxyCaller.Broker, new(ProxyEventKind.SharedPollRefresh) { Channel = channel.Value, Items = items }, ProxyAnswerReader.Poll, cancellation);

    private Task<Outcome<T>> AskAsync<T>(ProxySettings proxy, ProxyCaller caller, ProxyEvent happened, Func<ReadOnlyMemory<byte>, Outcome<T>?> read, CancellationToken cancellation)
        where T : class =>
        JudgeAsync(proxy, happened, () => TransportOf(proxy).AskAsync(proxy, caller, happened, cancellation), read);

    private async Task<Outcome<T>> JudgeAsync<T>(ProxySettings proxy, ProxyEvent happened, Func<Task<FetchResult>> askAsync, Func<ReadOnlyMemory<byte>, Outcome<T>?> read)
        where T : class
    {
        if (!proxy.Accepts(happened.Data))
        {
            return Outcome<T>.Refused(ErrorCode.BadRequest.Because("bad request: data has to be JSON here"));
        }

        var start = time.GetTimestamp();
        var answer = await askAsync();
        var outcome = OutcomeOf(proxy, answer, read);
        metrics.ProxyAnswered(happened.Kind.Word(), WordFor(outcome), time.GetElapsedTime(start));
        LogChange(proxy, happened.Kind, isFault: outcome is null, answer);
        return outcome ?? Outcome<T>.Refused(ErrorCode.Internal);
    }

    private IProxyTransport TransportOf(ProxySettings proxy) => proxy.IsGrpc ? grpc : http;

    // Null for a fault: clients get error 100 then, after which they try again.
    private static Outcome<T>? OutcomeOf<T>(ProxySettings proxy, in FetchResult answer, Func<ReadOnlyMemory<byte>, Outcome<T>?> read)
        where T : class =>
        answer.Body is { } body ? read(body)
        : proxy.Transforms.TryGetValue(answer.Status, out var transform) ? transform.ToOutcome<T>()
        : null;

    private static string WordFor<T>(in Outcome<T>? outcome)
        where T : class =>
        outcome switch
        {
            null => "fault",
            { Error: not null } => "error",
            { Disconnect: not null } => "disconnect",
            _ => "result",
        };

    // Logs changes only: clients may cause thousands of the same fault in a second.
    private void LogChange(ProxySettings proxy, ProxyEventKind kind, bool isFault, in FetchResult answer)
    {
        if (isFault && _failing.TryAdd(proxy.Name, true))
        {
            Log.Failing(logger, proxy.Name, kind.Word(), answer.Body is null ? answer.Fault : "malformed answer");
        }
        else if (!isFault && !_failing.IsEmpty && _failing.TryRemove(proxy.Name, out _))
        {
            Log.AnswersAgain(logger, proxy.Name);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The back end {Name} did not answer to {Kind}: {Fault}. Its clients get error 100 until it does.")]
        public static partial void Failing(ILogger logger, string name, string kind, string fault);

        [LoggerMessage(2, LogLevel.Information, "The back end {Name} answers again.")]
        public static partial void AnswersAgain(ILogger logger, string name);
    }
}
