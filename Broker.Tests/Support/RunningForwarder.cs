using System.Net;
using System.Net.Sockets;

namespace ClawEvents.Broker.Tests.Support;

/// <summary>A port that leads to another one: what a name or a virtual address is to a server that fails over.</summary>
/// <remarks>Connections that are open stay where they are when the target changes.</remarks>
internal sealed class RunningForwarder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _target;
    private TaskCompletionSource _open = new();

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

    /// <summary>Nothing gets through any more, and nothing is closed: a partition of the network.</summary>
    public void Hold() => Volatile.Write(ref _open, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>After <see cref="Hold"/>: everything that was held goes on.</summary>
    public void Release() => _open.SetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stop.Dispose();
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
        using (near)
        {
            await Volatile.Read(ref _open).Task.WaitAsync(_stop.Token);
            await far.ConnectAsync(IPAddress.Loopback, Volatile.Read(ref _target), _stop.Token);
            await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream()), CopyAsync(far.GetStream(), near.GetStream()));
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, _stop.Token) is var count and > 0)
        {
            await Volatile.Read(ref _open).Task.WaitAsync(_stop.Token);
            await to.WriteAsync(buffer.AsMemory(..count), _stop.Token);
        }
    }
}
