using System.Collections.Concurrent;

namespace ClawEvents.Broker.Nodes;

/// <summary>A question to other nodes, and their answers so far.</summary>
internal interface INodePoll
{
    /// <summary>Complete when every node has answered.</summary>
    Task Answered { get; }
}

/// <summary>A question that each node answers in one message. Thread-safe.</summary>
/// <param name="nodes">Those that are asked; answers of others are ignored.</param>
internal sealed class NodePoll<TAnswer>(IReadOnlyCollection<Guid> nodes) : INodePoll
{
    private readonly ConcurrentDictionary<Guid, TAnswer> _answers = new();
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc/>
    public Task Answered => _answered.Task;

    /// <summary>The answers so far, by node.</summary>
    public IReadOnlyCollection<KeyValuePair<Guid, TAnswer>> Answers => [.. _answers];

    public void Add(Guid node, TAnswer answer)
    {
        if (nodes.Contains(node) && _answers.TryAdd(node, answer) && _answers.Count == nodes.Count)
        {
            _answered.TrySetResult();
        }
    }
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
