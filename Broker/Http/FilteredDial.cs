using System.Net;
using System.Net.Sockets;

namespace ClawEvents.Broker.Http;

/// <summary>The address of a host is not public, and the operator does not allow it.</summary>
internal sealed class AddressRefusedException : IOException
{
    public AddressRefusedException()
    {
    }

    public AddressRefusedException(string message)
        : base(message)
    {
    }

    public AddressRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Connects an HTTP client to hosts that strangers name.</summary>
/// <remarks>
/// A name is resolved once, and the connection goes to an address that was checked: a name that has another address when it is asked for again gains nothing.
/// The system's resolver blocks a thread for as long as a name server takes, which may be a stranger's, too: so it gets threads of its own, and few.
/// Thread-safe.
/// </remarks>
/// <param name="resolve">Finds the addresses of a name.</param>
internal sealed class FilteredDial(AddressFilter filter, Func<string, Task<IPAddress[]>> resolve) : IDisposable
{
    /// <summary>Names that are resolved at the same time; others wait.</summary>
    public const int MaxResolving = 16;

    private readonly SemaphoreSlim _places = new(MaxResolving);

    /// <summary>With the resolver of the system.</summary>
    public FilteredDial(AddressFilter filter)
        : this(filter, static host => Task.Factory.StartNew(() => Dns.GetHostAddresses(host), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
    {
    }

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>.</summary>
    /// <exception cref="AddressRefusedException">The host has no address that may be connected to.</exception>
    /// <exception cref="SocketException">The name is unknown, or no address answers.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var host = context.DnsEndPoint.Host;
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await ResolveAsync(host, cancellation);
        var allowed = addresses.Where(filter.Allows).ToArray();
        return allowed.Length > 0
            ? await SocketDial.OpenAsync(socket => socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancellation))
            : throw new AddressRefusedException("the host has no public address");
    }

    public void Dispose() => _places.Dispose();

    private async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation);
        return await ResolveAndLeaveAsync(host).WaitAsync(cancellation);
    }

    // Its thread is busy until then, even if nobody waits for it any more.
    private async Task<IPAddress[]> ResolveAndLeaveAsync(string host)
    {
        try
        {
            return await resolve(host);
        }
        finally
        {
            _places.Release();
        }
    }
}
