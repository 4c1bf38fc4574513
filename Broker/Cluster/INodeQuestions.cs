namespace ClawEvents.Broker.Cluster;

/// <summary>What a node tells operators about itself.</summary>
internal enum NodeTopic : byte
{
    /// <summary>Its connections, those that the argument describes.</summary>
    Connections = 1,

    /// <summary>Its figures of the last hour.</summary>
    Rates = 2,

    /// <summary>Its last warnings and errors.</summary>
    Warnings = 3,

    /// <summary>Its settings, and where they come from.</summary>
    Settings = 4,

    /// <summary>Its figures of the last minute.</summary>
    Metrics = 5,
}

/// <summary>What this node says about a topic.</summary>
internal interface INodeTopicSource
{
    NodeTopic Topic { get; }

    /// <param name="argument">Text of this program's own making, perhaps of another version: what is not understood is ignored.</param>
    /// <returns>A JSON value, some 100 KB at most: one message between nodes.</returns>
    ReadOnlyMemory<byte> Answer(string argument);
}

/// <summary>One node's answer.</summary>
/// <param name="Id">Of the node.</param>
/// <param name="Name">Of the node, for people.</param>
/// <param name="Json">As <see cref="INodeTopicSource.Answer"/> has made it there: JSON, and nothing more is known.</param>
internal sealed record NodeText(string Id, string Name, ReadOnlyMemory<byte> Json);

/// <summary>Asks all nodes about a topic. Thread-safe.</summary>
internal interface INodeQuestions
{
    /// <returns>This node's answer first, and those of other nodes that came in time. A node that has no such topic is left out.</returns>
    ValueTask<IReadOnlyList<NodeText>> AskAsync(NodeTopic topic, string argument);
}
