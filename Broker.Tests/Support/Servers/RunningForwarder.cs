using System.Net;
using System.Net.Sockets;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>A port that forwards to another one, like a name or a virtual address of a server with failover.</summary>
/// <remarks>Connections that are open stay where they are when the target changes.</remarks>
internal sealed class RunningForwarder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _target;
    private TaskCompletionSource _open = new();
    private CancellationTokenSource _cut = new();

    /// <param name="target">A port of the loopback address.</param>
    public RunningForwarder(int target)
    {
        _target = target;
        _open.SetResult();
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>For new connections.</summary>
    public void LeadTo(int target) => Volatile.Write(ref _target, target);

    /// <summary>Nothing is forwarded, and nothing is closed: a network partition.</summary>
    public void Hold() => Volatile.Write(ref _open, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Open connections are closed, and new ones immediately: a network that refuses.</summary>
    public void Close() => Volatile.Read(ref _cut).Cancel();

    /// <summary>After <see cref="Hold"/>: held bytes are forwarded. After <see cref="Close"/>: new connections are accepted.</summary>
    public void Release()
    {
        _open.TrySetResult();
        if (_cut.IsCancellationRequested)
        {
            Volatile.Write(ref _cut, new CancellationTokenSource());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
        _cut.Dispose();
    }

    private async Task AcceptAsync()
    {
        var forwarding = new List<Task>();
        try
        {
            while (true)
            {
                forwarding.Add(ForwardAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        finally
        {
            await Task.WhenAll(forwarding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ForwardAsync(TcpClient near)
    {
        using var far = new TcpClient();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, Volatile.Read(ref _cut).Token);
        using (near)
        {
            await Volatile.Read(ref _open).Task.WaitAsync(over.Token);
            await far.ConnectAsync(IPAddress.Loopback, Volatile.Read(ref _target), over.Token);
            await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream(), over.Token), CopyAsync(far.GetStream(), near.GetStream(), over.Token));
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, CancellationToken over)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, over) is var count and > 0)
        {
            await Volatile.Read(ref _open).Task.WaitAsync(over);
            await to.WriteAsync(buffer.AsMemory(..count), over);
        }
    }
}
