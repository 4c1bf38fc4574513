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
    private int _spared;
    private bool _swallows;
    private int _swallowed;

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

    /// <summary>The number of connections that were opened while everything was lost.</summary>
    public int Swallowed => Volatile.Read(ref _swallowed);

    /// <summary>For new connections.</summary>
    public void LeadTo(int target) => Volatile.Write(ref _target, target);

    /// <summary>Nothing is forwarded, and nothing is closed: a network partition.</summary>
    public void Hold() => HoldAllBut(0);

    /// <summary>As <see cref="Hold"/>, for all connections but one.</summary>
    /// <param name="spared">The port from which the target sees it come.</param>
    public void HoldAllBut(int spared)
    {
        Volatile.Write(ref _spared, spared);
        Volatile.Write(ref _open, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    /// <summary>Everything is lost, and nothing is closed. Open connections, and those that are opened until <see cref="Release"/>, stay dead after it.</summary>
    public void Swallow() => Volatile.Write(ref _swallows, true);

    /// <summary>Open connections are closed, and new ones immediately: a network that refuses.</summary>
    public void Close() => Volatile.Read(ref _cut).Cancel();

    /// <summary>After <see cref="Hold"/>: held bytes are forwarded. After <see cref="Close"/> and <see cref="Swallow"/>: new connections work.</summary>
    public void Release()
    {
        Volatile.Write(ref _swallows, false);
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
            var way = new Way(((IPEndPoint)far.Client.LocalEndPoint!).Port) { IsDead = Volatile.Read(ref _swallows) };
            Interlocked.Add(ref _swallowed, way.IsDead ? 1 : 0);
            await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream(), way, over.Token), CopyAsync(far.GetStream(), near.GetStream(), way, over.Token));
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Way way, CancellationToken over)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, over) is var count and > 0)
        {
            way.IsDead |= Volatile.Read(ref _swallows);
            if (way.IsDead)
            {
                continue;
            }

            if (way.Port != Volatile.Read(ref _spared))
            {
                await Volatile.Read(ref _open).Task.WaitAsync(over);
            }

            await to.WriteAsync(buffer.AsMemory(..count), over);
        }
    }

    private sealed class Way(int port)
    {
        /// <summary>As the target sees it.</summary>
        public int Port => port;

        public bool IsDead { get; set; }
    }
}
