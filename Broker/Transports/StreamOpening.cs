using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Frames;
using ClawEvents.Broker.Limits;
using ClawEvents.Broker.Proxies;

namespace ClawEvents.Broker.Transports;

/// <summary>Begins streams and runs them to their end, whatever their requests and responses look like.</summary>
internal sealed class StreamOpening(ConnectionServices services, IMessageHandler handler, EmulatedSessions sessions, ConnectionLimits limits)
{
    /// <summary>Begins a response and has its client's first message carried out.</summary>
    /// <param name="address">Has a place of <see cref="ConnectionLimits"/>, which is given back when the stream does not begin.</param>
    /// <param name="first">Not used after the task has completed.</param>
    /// <param name="writeHead">Begins the response.</param>
    public async Task<OpenStream> BeginAsync(HttpContext context, ClientHeaders headers, AddressKey address, Wire wire, ReadOnlyMemory<byte> first, Func<Task> writeHead)
    {
        var isBegun = false;
        try
        {
            await writeHead();
            var stream = new OpenStream(context, headers, address, wire, services, handler);
            if (wire.IsEmulated)
            {
                sessions.Add(stream.Session);
            }

            await stream.Session.HandleAsync(first);
            isBegun = true;
            return stream;
        }
        finally
        {
            if (!isBegun)
            {
                limits.Leave(address);
            }
        }
    }

    /// <summary>Completes when the response may end.</summary>
    public async Task RunAsync(OpenStream stream)
    {
        try
        {
            await stream.RunAsync(sessions);
        }
        finally
        {
            limits.Leave(stream.Address);
        }
    }
}
