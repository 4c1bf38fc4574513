using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Telemetry.Following;

namespace ClawEvents.Broker.Nodes;

/// <summary>Follows what happens on this node.</summary>
internal sealed class LocalTraces(LiveTrace trace, NodeIdentity node, TimeProvider time) : INodeTraces
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);
    private static readonly byte[] Nothing = [.. "[]"u8];

    /// <inheritdoc/>
    public async Task<bool> FollowAsync(TraceSubject subject, Func<NodeEvents, ValueTask> report, CancellationToken cancellation)
    {
        if (trace.Follow(subject) is not { } follower)
        {
            return false;
        }

        try
        {
            // At once, so that the caller knows that it has begun.
            await report(new(node.Name, Nothing));
            while (!cancellation.IsCancellationRequested)
            {
                await report(new(node.Name, await TakeAsync(follower, cancellation)));
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The caller has enough of it.
        }
        finally
        {
            trace.Leave(follower);
        }

        return true;
    }

    private async ValueTask<ReadOnlyMemory<byte>> TakeAsync(TraceFollower follower, CancellationToken cancellation)
    {
        using var silence = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellation);
        try
        {
            return await follower.TakeAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Nothing;
        }
    }
}
