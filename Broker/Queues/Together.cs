namespace ClawEvents.Broker.Queues;

/// <summary>Tasks of which none goes on without the others.</summary>
internal static class Together
{
    /// <summary>Runs them until one of them ends, then cancels the others and waits for them. What has ended the first one is thrown.</summary>
    public static async Task RunAsync(CancellationToken cancellation, params Func<CancellationToken, Task>[] parts)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = parts.Select(part => part(stop.Token)).ToArray();
        var first = await Task.WhenAny(running);
        await stop.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }
}
