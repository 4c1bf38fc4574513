using System.Collections.Concurrent;

namespace ClawEvents.Broker.Nodes;

/// <summary>A question to other nodes, and their answers so far.</summary>
internal interface INodePoll
{
    /// <summary>Complete when every node has answered.</summary>
    Task Answered { get; }
}

/// <summary>The questions that other nodes have not all answered yet. Thread-safe.</summary>
internal sealed class NodePolls<TPoll>(TimeProvider time)
    where TPoll : class, INodePoll
{
    private readonly ConcurrentDictionary<Guid, TPoll> _polls = new();

    /// <returns>Null: no current question has this id.</returns>
    public TPoll? Find(Guid id) => _polls.GetValueOrDefault(id);

    /// <summary>Asks, and waits for all answers; nodes that have not answered within <see cref="NodeSurvey.AnswerLimit"/> are left out.</summary>
    /// <param name="ask">Sends the question.</param>
    public async Task AskAsync(Guid id, TPoll poll, Func<ValueTask> ask)
    {
        _polls[id] = poll;
        try
        {
            await ask();
            await poll.Answered.WaitAsync(NodeSurvey.AnswerLimit, time);
        }
        catch (TimeoutException)
        {
            // What has been answered by now counts.
        }
        finally
        {
            _polls.TryRemove(id, out _);
        }
    }
}
