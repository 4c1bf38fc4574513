using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Api.Admin;

/// <summary>The last warnings and errors of this node's log, newest first.</summary>
internal sealed class WarningsTopic(RecentWarnings warnings) : INodeTopicSource
{
    public NodeTopic Topic => NodeTopic.Warnings;

    public ReadOnlyMemory<byte> Answer(string argument) => ApiResponse.Make(json =>
    {
        json.WriteStartArray("warnings");
        foreach (var warning in warnings.Read())
        {
            json.WriteStartObject();
            json.WriteString("time", warning.Time.UtcDateTime);
            json.WriteString("level", warning.Level.ToString());
            json.WriteString("category", warning.Category);
            json.WriteString("message", warning.Message);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
