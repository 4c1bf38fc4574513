using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Telemetry.Traffic;

namespace ClawEvents.Broker.Nodes;

/// <summary>Asks all nodes; those that do not answer within <see cref="NodeSurvey.AnswerLimit"/> are left out.</summary>
/// <remarks>An answer has 1,000 channels at most, about 60 KiB and with the longest names 300: one message.</remarks>
internal sealed class TopSurvey(LocalTop here, NodeRegistry registry, INodeBus bus, TimeProvider time) : ITopSurvey
{
    private readonly NodePolls<NodePoll<NodeTop>> _polls = new(time);

    /// <inheritdoc/>
    /// <exception cref="Faults.StoreUnavailableException">The question could not be sent.</exception>
    public async ValueTask<IReadOnlyList<NodeTop>> AskAsync(TrafficKind kind, IReadOnlyList<string> channels)
    {
        var others = registry.Others.Keys.ToArray();
        var answers = others.Length > 0 ? await AskOthersAsync(others, new(Guid.NewGuid(), kind, channels)) : [];
        return [here.Answer(kind, channels), .. answers.OrderBy(answer => answer.Node, StringComparer.Ordinal)];
    }

    /// <summary>Answers another node.</summary>
    public async ValueTask AnswerAsync(Guid node, TopQuestion question)
    {
        var answer = here.Answer(question.Kind, question.Channels);
        await bus.TrySendAsync(node, new TopAnswer(question.Id, answer.Summary, answer.Watched));
    }

    /// <summary>Another node has answered. An answer to no current question is ignored.</summary>
    public void OnAnswer(Guid node, TopAnswer answer) => _polls.Find(answer.Id)?.Add(node, new(node.ToString(), answer.Summary, answer.Watched));

    private async Task<IReadOnlyCollection<NodeTop>> AskOthersAsync(Guid[] nodes, TopQuestion question)
    {
        var poll = new NodePoll<NodeTop>(nodes);
        await _polls.AskAsync(question.Id, poll, () => bus.SendAsync(question));
        return [.. poll.Answers.Select(answer => answer.Value)];
    }
}
