using System.Globalization;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Nodes behind a load balancer that asks each one ten times a second whether it is ready, and sends clients to any that is.</summary>
internal sealed class RollingNodes : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly string _redis;
    private readonly (string Name, string Value)[] _settings;
    private readonly NodeProgram[] _nodes;
    private readonly bool[] _isReady;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _looking;

    private RollingNodes(string redis, (string Name, string Value)[] settings, NodeProgram[] nodes)
    {
        (_redis, _settings, _nodes) = (redis, settings, nodes);
        _isReady = [.. nodes.Select(_ => true)];
        _looking = LookAsync();
    }

    public int Count => _nodes.Length;

    /// <param name="redis">Their <c>REDIS_URL</c>.</param>
    /// <param name="settings">More environment variables.</param>
    public static async Task<RollingNodes> StartAsync(int count, string redis, params (string Name, string Value)[] settings) =>
        new(redis, settings, await Task.WhenAll(Enumerable.Range(0, count).Select(_ => NodeProgram.StartAsync(redis, settings))));

    /// <summary>The number and the program of a ready node.</summary>
    public (int Index, NodeProgram Node) Pick()
    {
        var ready = Enumerable.Range(0, Count).Where(i => Volatile.Read(ref _isReady[i])).ToList();
        var index = ready.Count > 0 ? ready[Random.Shared.Next(ready.Count)] : Random.Shared.Next(Count);
        return (index, Volatile.Read(ref _nodes[index]));
    }

    /// <summary>Sends SIGTERM, and waits until the node has drained and ended.</summary>
    public async Task StopAsync(int index)
    {
        await _nodes[index].TerminateAsync();
        Assert.That(await _nodes[index].WaitForExitAsync(TimeSpan.FromMinutes(2)), Is.Zero);
        Volatile.Write(ref _isReady[index], false);
    }

    /// <summary>Starts it again, at its former address, and waits until it is ready.</summary>
    public async Task StartAgainAsync(int index)
    {
        var port = _nodes[index].Url.Port.ToString(CultureInfo.InvariantCulture);
        await _nodes[index].DisposeAsync();
        Volatile.Write(ref _nodes[index], await NodeProgram.StartAsync(_redis, [.. _settings, ("PORT", port)]));
        await Eventually.IsTrueAsync(() => Volatile.Read(ref _isReady[index]), "a node is not ready again");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _looking;
        _stop.Dispose();
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task LookAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.WhenAll(Enumerable.Range(0, Count).Select(async i => Volatile.Write(ref _isReady[i], await IsReadyAsync(Volatile.Read(ref _nodes[i])))));
            await Task.Delay(LookEvery);
        }
    }

    private static async Task<bool> IsReadyAsync(NodeProgram node)
    {
        try
        {
            using var answer = await node.Http.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
            // It has ended, or is replaced just now.
            return false;
        }
    }
}
