using ClawEvents.Broker.Cluster;

namespace ClawEvents.Broker.Nodes;

/// <summary>Asks all nodes; those that do not answer within <see cref="NodeSurvey.AnswerLimit"/> are left out.</summary>
internal sealed class TopicSurvey(LocalTopics here, NodeRegistry registry, INodeBus bus, TimeProvider time) : INodeQuestions
{
    private readonly NodePolls<NodePoll<ReadOnlyMemory<byte>>> _polls = new(time);

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
        var poll = new NodePoll<ReadOnlyMemory<byte>>([.. others.Keys]);
        await _polls.AskAsync(question.Id, poll, () => bus.SendAsync(question));
        var heard = poll.Answers.Where(answer => !answer.Value.IsEmpty).OrderBy(answer => answer.Key.ToString(), StringComparer.Ordinal);
        return [.. own, .. heard.Select(answer => new NodeText(answer.Key.ToString(), others[answer.Key].Name, answer.Value))];
    }

    /// <summary>Answers another node.</summary>
    public async ValueTask AnswerAsync(Guid node, TopicQuestion question) =>
        await bus.TrySendAsync(node, new TopicAnswer(question.Id, here.Answer(question.Topic, question.Argument)));

    /// <summary>Another node has answered. An answer to no current question is ignored.</summary>
    public void OnAnswer(Guid node, TopicAnswer answer) => _polls.Find(answer.Id)?.Add(node, answer.Json);
}
