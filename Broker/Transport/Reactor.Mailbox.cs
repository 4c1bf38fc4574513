using System.Diagnostics;

namespace ClawEvents.Broker.Transport;

// What others have posted, and the work that comes after everything else.
internal sealed partial class Reactor
{
    // On a core that nobody else wants, each takes less than a microsecond.
    private const int MostYields = 16;

    // Batches with items, in the order of their first ones.
    private readonly List<IReactorBatch> _gathered = [];
    private int _lastBatched;

    /// <summary>Stops the loop; its sockets are closed. The thread has ended when this returns, unless it is the caller's own.</summary>
    public void Stop()
    {
        Post(() => _isStopping = true);
        if (!IsCurrent && _thread.IsAlive)
        {
            _thread.Join();
        }
    }

    private void EmptyMailbox()
    {
        // Several items came together last time: those that publish get a moment to add theirs, so that more leaves with each write.
        for (var yields = 0; yields < MostYields && _lastBatched > 1 && _mailbox.Count < _lastBatched; yields++)
        {
            Thread.Yield();
        }

        _lastBatched = 0;
        if (_mailbox.Take(out var firstAt) is { Count: > 0 } posts)
        {
            var taken = Stopwatch.GetTimestamp();
            Do(posts);
            _settings.Watch?.OnPass(Index, firstAt, taken, _lastBatched > 0 ? Stopwatch.GetTimestamp() : taken);
        }
    }

    private void Do(List<Post> posts)
    {
        foreach (var post in posts)
        {
            if (post.Work is { } work)
            {
                FlushGathered();
                Do(work);
            }
            else
            {
                Gather(post.Batch!, post.Item!);
            }
        }

        FlushGathered();
    }

    private void Gather(IReactorBatch batch, object item)
    {
        _lastBatched++;
        if (batch.Add(item) == 1)
        {
            _gathered.Add(batch);
        }
    }

    private void FlushGathered()
    {
        foreach (var batch in _gathered)
        {
            try
            {
                batch.Flush();
            }
            catch (Exception exception)
            {
                OnFault(exception, null);
            }
        }

        _gathered.Clear();
    }

    private void DoOneSlowly()
    {
        if (_slow.TryDequeue(out var turn))
        {
            Do(turn);
        }
    }

    private void Do(Action work)
    {
        try
        {
            work();
            Cork.Owner?.Uncork();
        }
        catch (Exception exception)
        {
            OnFault(exception, null);
        }
    }

    private void End()
    {
        foreach (var socket in _slots.All())
        {
            socket.Close();
        }

        Native.Close(_epoll);
        Native.Close(_wakeUp);
    }
}
