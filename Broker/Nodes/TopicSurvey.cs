using System.Collections.Concurrent;
using ClawEvents.Broker.Cluster;

namespace ClawEvents.Broker.Nodes;

/// <summary>Asks all nodes; those that do not answer within <see cref="NodeSurvey.AnswerLimit"/> are left out.</summary>
internal sealed class TopicSurvey(LocalTopics here, NodeRegistry registry, INodeBus bus, TimeProvider time) : INodeQuestions
{
    private readonly NodePolls<Poll> _polls = new(time);

    /// <inheritdoc/>
    /// <exception cref="Faults.StoreUnavailableException">The question could not be sent.</exception>
    public async ValueTask<IReadOnlyList<NodeText>> AskAsync(NodeTopic topic, string argument)
    {
        var own = await here.AskAsync(topic, argument);
        var others = registry.Others;
        if (others.Count == 0)
        {
            return own;
        }

        var question = new TopicQuestion(Guid.NewGuid(), topic, argument);
        var poll = new Poll([.. others.Keys]);
        await _polls.AskAsync(question.Id, poll, () => bus.SendAsync(question));
        var heard = poll.Answers.Where(answer => !answer.Value.IsEmpty).OrderBy(answer => answer.Key.ToString(), StringComparer.Ordinal);
        return [.. own, .. heard.Select(answer => new NodeText(answer.Key.ToString(), others[answer.Key].Name, answer.Value))];
    }

    /// <summary>Answers another node.</summary>
    public async ValueTask AnswerAsync(Guid node, TopicQuestion question) =>
        await bus.TrySendAsync(node, new TopicAnswer(question.Id, here.Answer(question.Topic, question.Argument)));

    /// <summary>Another node has answered. An answer to no current question is ignored.</summary>
    public void OnAnswer(Guid node, TopicAnswer answer) => _polls.Find(answer.Id)?.Add(node, answer.Json);

    /// <summary>A question and the answers so far. Thread-safe.</summary>
    private sealed class Poll(Guid[] nodes) : INodePoll
    {
        private readonly ConcurrentDictionary<Guid, ReadOnlyMemory<byte>> _answers = new();
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <inheritdoc/>
        public Task Answered => _answered.Task;

        public IReadOnlyCollection<KeyValuePair<Guid, ReadOnlyMemory<byte>>> Answers => [.. _answers];

        public void Add(Guid node, ReadOnlyMemory<byte> json)
        {
            if (nodes.Contains(node) && _answers.TryAdd(node, json) && _answers.Count == nodes.Length)
            {
                _answered.TrySetResult();
            }
        }
    }
}
