using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Transports;

/// <summary>A response that has begun and goes on until its client goes, or the broker ends it.</summary>
internal sealed class OpenStream
{
    private readonly StreamLifetime _lifetime;
    private readonly ClientConnection _connection;

    public OpenStream(HttpContext context, Wire wire, ConnectionServices services)
    {
        _lifetime = new StreamLifetime(context);
        var outbound = new StreamOutbound(context.Response.BodyWriter, services.Options.MaxQueuedBytes, _lifetime);
        _connection = new ClientConnection(services, wire, outbound, _lifetime)
        {
            Session = SessionId.New(),
            Headers = ClientHeaders.Of(context.Request.Headers, services.Options.KeptHeaders),
        };
        Session = new EmulatedSession(_connection, services.Dispatcher);
    }

    public EmulatedSession Session { get; }

    /// <summary>Completes when the response may end: nothing is written to it any more.</summary>
    public async Task RunAsync(EmulatedSessions sessions)
    {
        await _lifetime.WaitAsync();
        sessions.Remove(Session);
        await Session.EndAsync();
        await _connection.CloseAsync();
        _lifetime.Release();
    }
}
