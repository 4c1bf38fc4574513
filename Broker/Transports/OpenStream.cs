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
    private readonly StreamOutbound _outbound;
    private readonly ClientConnection _connection;

    /// <param name="isHeld">The response begins with <see cref="Release"/>, or not at all.</param>
    public OpenStream(HttpContext context, ClientHeaders headers, AddressKey address, Wire wire, ConnectionServices services, IMessageHandler handler, bool isHeld)
    {
        _context = context;
        _time = services.Time;
        _lifetime = new StreamLifetime(context);
        _outbound = new StreamOutbound(context.Response.BodyWriter, services.Options.MaxQueuedBytes, _lifetime, isHeld);
        _connection = new ClientConnection(services, wire, _outbound, _lifetime, ClientId.New())
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

    /// <inheritdoc cref="StreamLifetime.Ending"/>
    public ConnectionEnd? Ending => _lifetime.Ending;

    /// <summary>Sends what was held back: the head of the response has been written.</summary>
    public void Release() => _outbound.Release();

    /// <summary>Ends the connection of a response that has not begun, which may be another one then.</summary>
    public async Task DiscardAsync()
    {
        _outbound.Discard();
        await EndAsync();
        _lifetime.Release();
    }

    /// <summary>Completes when the response may end: nothing is written to it any more.</summary>
    public async Task RunAsync(EmulatedSessions sessions)
    {
        await _lifetime.WaitAsync();
        sessions.Remove(Session);
        await EndAsync();
        await Task.Delay(EndDelay, _time, _lifetime.ConnectionClosed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _lifetime.Release();
    }

    private async Task EndAsync()
    {
        await Session.EndAsync();
        await _connection.CloseAsync();
        RequestNotes.SetConnection(_context, _connection.Id, _connection.Principal.Name);
    }
}
