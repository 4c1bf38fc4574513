using System.Globalization;
using System.Text;
using Amqp;
using Amqp.Framing;
using Amqp.Handler;
using Amqp.Listener;
using Amqp.Sasl;
using Amqp.Types;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Two queues of an Azure Service Bus in memory, one of them with sessions, by the protocol of the service (AMQP), as its emulator speaks it: without TLS.</summary>
internal sealed class RunningServiceBus : ITestQueue, ILinkProcessor, IHandler
{
    public const string Sessions = "sessions";
    public const string Plain = "plain";

    private const string SessionFilter = "com.microsoft:session-filter";
    private const string TimeLimit = "com.microsoft:timeout";

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    private readonly int _port = RunningRedis.FreePort();
    private readonly LeasedQueue _queue = new();
    private readonly Dictionary<string, Receiver?> _locked = new(StringComparer.Ordinal);
    private ContainerHost _host;

    private RunningServiceBus() => _host = Open();

    /// <summary>How long messages and sessions are locked.</summary>
    public TimeSpan Lock { get; set; } = TimeSpan.FromSeconds(30);

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Endpoint=sb://127.0.0.1:{_port};SharedAccessKeyName=reader;SharedAccessKey=aHVzaA==;UseDevelopmentEmulator=true");

    public ConsumerOptions Options => new ServiceBusOptions("orders", new(ConnectionString), [Sessions]) { HasSessions = true, Receivers = 2, MaxMessages = 10, Form = new() { Method = "centrifugo-method" } };

    public IEnumerable<(string Name, string Value)> Settings =>
        [("type", "azure_service_bus"), ("connection_string", ConnectionString), ("queues", Sessions), ("use_sessions", "true"), ("max_concurrent_calls", "2"), ("max_receive_messages", "10")];

    public int Waiting => _queue.Waiting;

    public int Extended => _queue.Extended;

    /// <summary>Sessions whose lock was renewed.</summary>
    public int Renewed { get; private set; }

    public static Task<RunningServiceBus> StartAsync() => Task.FromResult(new RunningServiceBus());

    public void Publish(string key, string payload, params (string Name, string Value)[] headers) => _queue.Publish(key, payload, headers);

    public void Stop() => _host.Close();

    public void Continue() => _host = Open();

    public ValueTask DisposeAsync()
    {
        _host.Close();
        return ValueTask.CompletedTask;
    }

    public bool CanHandle(EventId id) => id == EventId.SendDelivery;

    // The client takes it for the token of the message's lock.
    public void Handle(Event protocolEvent)
    {
        var delivery = (IDelivery)protocolEvent.Context;
        if (delivery.Message is LockedMessage message)
        {
            delivery.Tag = Guid.Parse(message.Receipt).ToByteArray();
        }
    }

    /// <summary>A receiver comes: for a queue, or for a session.</summary>
    public void Process(AttachContext attachContext)
    {
        var source = (Source)attachContext.Attach.Source;
        if (source.FilterSet?.ContainsKey(new Symbol(SessionFilter)) is true)
        {
            _ = AcceptSessionAsync(attachContext, source);
        }
        else
        {
            attachContext.Complete(new Receiver(this, attachContext.Link, session: null), 0);
        }
    }

    private ContainerHost Open()
    {
        var host = new ContainerHost([new Address("127.0.0.1", _port, null, null, "/", "amqp")]);
        host.Listeners[0].SASL.EnableMechanism("MSSBCBS", SaslProfile.Anonymous);
        host.Listeners[0].SASL.EnableAnonymousMechanism = true;
        host.Listeners[0].HandlerFactory = _ => this;
        host.AddressResolver = (_, attach) => (attach.Role ? ((Source)attach.Source).Address : ((Target)attach.Target).Address)?.Trim('/');
        host.RegisterRequestProcessor("$cbs", new Answers(_ => new() { ApplicationProperties = new() { Map = { ["status-code"] = 202, ["status-description"] = "OK" } } }));
        host.RegisterRequestProcessor($"{Plain}/$management", new Answers(Renew));
        host.RegisterRequestProcessor($"{Sessions}/$management", new Answers(Renew));
        host.RegisterLinkProcessor(this);
        host.Open();
        return host;
    }

    private async Task AcceptSessionAsync(AttachContext context, Source source)
    {
        var end = DateTime.UtcNow + TimeSpan.FromMilliseconds((uint)context.Attach.Properties[new Symbol(TimeLimit)]);
        while (DateTime.UtcNow < end && !context.Link.IsClosed)
        {
            if (TakeSession() is { } session)
            {
                source.FilterSet[new Symbol(SessionFilter)] = session;
                context.Attach.Properties[new Symbol("com.microsoft:locked-until-utc")] = (DateTime.UtcNow + Lock).Ticks;
                context.Complete(_locked[session] = new Receiver(this, context.Link, session), 0);
                return;
            }

            await Task.Delay(PollInterval);
        }

        context.Complete(new Error(TimeLimit) { Description = "no session has messages" });
    }

    private string? TakeSession()
    {
        lock (_locked)
        {
            var key = _queue.KeyExcept(_locked.Keys);
            return key is not null && _locked.TryAdd(key, null) ? key : null;
        }
    }

    // com.microsoft:renew-session-lock and com.microsoft:renew-lock.
    private Message Renew(Message request)
    {
        var body = (Map)request.Body;
        var end = DateTime.UtcNow + Lock;
        var answer = new Map { ["expiration"] = end };
        if (body.TryGetValue("lock-tokens", out var tokens))
        {
            var all = (Guid[])tokens;
            Array.ForEach(all, token => _queue.Extend(token.ToString("D"), Lock));
            answer = new Map { ["expirations"] = all.Select(_ => end).ToArray() };
        }
        else
        {
            Renewed++;
            lock (_locked)
            {
                _locked[(string)body["session-id"]]!.Extend(Lock);
            }
        }

        return new() { BodySection = new AmqpValue { Value = answer }, ApplicationProperties = new() { Map = { ["statusCode"] = 200, ["statusDescription"] = "OK" } } };
    }

    /// <summary>Answers requests.</summary>
    private sealed class Answers(Func<Message, Message> answer) : IRequestProcessor
    {
        public int Credit => 100;

        public void Process(RequestContext requestContext) => requestContext.Complete(answer(requestContext.Message));
    }

    private sealed class LockedMessage(string receipt) : Message
    {
        public string Receipt { get; } = receipt;
    }

    /// <summary>Gives messages to one receiver, as many as it asks for.</summary>
    /// <param name="session">Null: none.</param>
    private sealed class Receiver(RunningServiceBus bus, ListenerLink link, string? session) : LinkEndpoint
    {
        private readonly HashSet<string> _mine = new(StringComparer.Ordinal);
        private int _credit;
        private int _isRunning;

        public override void OnFlow(FlowContext flowContext)
        {
            Interlocked.Add(ref _credit, flowContext.Messages);
            if (Interlocked.Exchange(ref _isRunning, 1) == 0)
            {
                _ = Task.Run(RunAsync);
            }
        }

        public override void OnDisposition(DispositionContext dispositionContext)
        {
            // The library here releases what a closed link had; the service keeps its locks.
            if (dispositionContext.DeliveryState is Released && link.IsClosed)
            {
                return;
            }

            var receipt = ((LockedMessage)dispositionContext.Message).Receipt;
            var isFound = dispositionContext.DeliveryState is Accepted ? bus._queue.Settle(receipt) : bus._queue.Extend(receipt, TimeSpan.Zero);
            DeliveryState state = isFound ? dispositionContext.DeliveryState : new Rejected { Error = new Error("com.microsoft:message-lock-lost") };
            link.DisposeMessage(dispositionContext.Message, state, settled: true);
        }

        public override void OnLinkClosed(ListenerLink closed, Error error)
        {
            lock (bus._locked)
            {
                if (session is not null && bus._locked.Remove(session))
                {
                    Extend(TimeSpan.Zero);
                }
            }
        }

        /// <summary>The lock of a session is that of its messages.</summary>
        public void Extend(TimeSpan time)
        {
            foreach (var receipt in _mine)
            {
                bus._queue.Extend(receipt, time);
            }
        }

        private async Task RunAsync()
        {
            while (!link.IsClosed)
            {
                if (link.IsDraining)
                {
                    Volatile.Write(ref _credit, 0);
                    link.CompleteDrain();
                }
                else
                {
                    Send();
                }

                await Task.Delay(PollInterval);
            }
        }

        private void Send()
        {
            lock (bus._locked)
            {
                // Nobody has a session any more whose link is closed.
                var taken = link.IsClosed ? [] : bus._queue.Take(Volatile.Read(ref _credit), bus.Lock, _mine.Contains, session);
                foreach (var message in taken)
                {
                    _mine.Add(message.Receipt!);
                    Interlocked.Decrement(ref _credit);
                    link.SendMessage(Of(message));
                }
            }
        }

        private LockedMessage Of(LeasedMessage message)
        {
            var one = new LockedMessage(message.Receipt!)
            {
                Header = new() { DeliveryCount = 0 },
                Properties = new() { MessageId = message.Id, GroupId = message.Key },
                MessageAnnotations = new() { Map = { [new Symbol("x-opt-sequence-number")] = 1L, [new Symbol("x-opt-locked-until")] = DateTime.UtcNow + bus.Lock } },
                ApplicationProperties = new(),
                BodySection = new Data { Binary = Encoding.UTF8.GetBytes(message.Payload) },
            };
            foreach (var (name, value) in message.Headers)
            {
                one.ApplicationProperties.Map[name] = value;
            }

            return one;
        }
    }
}
