using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Proxies;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Transports;

/// <summary>A response that has begun and continues until its client disconnects or the broker ends it.</summary>
internal sealed class OpenStream
{
    // Some clients that read the last push together with the end of the stream see the end first, and would miss the code.
    private static readonly TimeSpan EndDelay = TimeSpan.FromMilliseconds(100);

    private readonly HttpContext _context;
    private readonly TimeProvider _time;
    private readonly StreamLifetime _lifetime;
    private readonly ClientConnection _connection;

    public OpenStream(HttpContext context, ClientHeaders headers, AddressKey address, Wire wire, ConnectionServices services, IMessageHandler handler)
    {
        _context = context;
        _time = services.Time;
        _lifetime = new StreamLifetime(context);
        var outbound = new StreamOutbound(context.Response.BodyWriter, services.Options.MaxQueuedBytes, _lifetime);
        _connection = new ClientConnection(services, wire, outbound, _lifetime, ClientId.New())
        {
            Session = SessionId.New(),
            Headers = headers,
            Address = address,
        };
        Session = new EmulatedSession(_connection, handler);
    }

    public EmulatedSession Session { get; }

    /// <summary>The client's; it has a place of <see cref="ConnectionLimits"/>.</summary>
    public AddressKey Address => _connection.Address;

    /// <summary>Completes when the response may end: nothing is written to it any more.</summary>
    public async Task RunAsync(EmulatedSessions sessions)
    {
        await _lifetime.WaitAsync();
        sessions.Remove(Session);
        await Session.EndAsync();
        await _connection.CloseAsync();
        RequestNotes.SetConnection(_context, _connection.Id, _connection.Principal.Name);
        await Task.Delay(EndDelay, _time, _lifetime.ConnectionClosed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _lifetime.Release();
    }
}
