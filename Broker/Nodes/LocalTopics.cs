using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Connections;

namespace ClawEvents.Broker.Nodes;

/// <summary>Answers for this node.</summary>
internal sealed class LocalTopics(NodeIdentity node, IEnumerable<INodeTopicSource> sources) : INodeQuestions
{
    private readonly Dictionary<NodeTopic, INodeTopicSource> _sources = sources.ToDictionary(source => source.Topic);

    public ValueTask<IReadOnlyList<NodeText>> AskAsync(NodeTopic topic, string argument) =>
        new(Answer(topic, argument) is { IsEmpty: false } json ? [new NodeText(node.Name, node.Label, json)] : []);

    /// <returns>Empty: this node has no such topic.</returns>
    public ReadOnlyMemory<byte> Answer(NodeTopic topic, string argument) => _sources.GetValueOrDefault(topic)?.Answer(argument) ?? default;
}
