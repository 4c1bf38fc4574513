using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Api.Server;

/// <summary><c>info</c> and <c>channels</c>: activity of all nodes.</summary>
internal sealed class NodeMethods(INodeSurvey survey, INodeQuestions questions)
{
    public ServerApiCall Channels(ServerApiFields fields)
    {
        var pattern = fields.Text("pattern");
        return async () =>
        {
            if (!Glob.IsPattern(pattern))
            {
                return ServerApiAnswer.BadRequest($"pattern must be a glob of at most {Glob.MaxLength} characters");
            }

            var channels = await survey.GetChannelsAsync(pattern);
            return new ChannelsResult(channels);
        };
    }

    public ServerApiCall Info(ServerApiFields fields) => async () =>
    {
        var nodes = await survey.GetNodesAsync();
        return new NodesResult(nodes, await FindMetricsAsync());
    };

    // Without the bus the nodes are known for a while, and their metrics are not.
    private async Task<IReadOnlyList<NodeText>> FindMetricsAsync()
    {
        try
        {
            return await questions.AskAsync(NodeTopic.Metrics, "");
        }
        catch (StoreUnavailableException)
        {
            return [];
        }
    }
}
