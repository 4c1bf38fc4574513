using System.Text.Json;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Api.Server;

/// <summary>This node's figures of the last minute, as <c>metrics</c> of <c>info</c>: <c>{"interval":SECONDS,"items":{NAME:NUMBER}}</c>.</summary>
/// <remarks>Nothing is counted for it: <see cref="RateHistory"/> has them. Until its first step has passed there are none.</remarks>
internal sealed class MetricsTopic(RateHistory history) : INodeTopicSource
{
    private const int Steps = 6;

    public NodeTopic Topic => NodeTopic.Metrics;

    public ReadOnlyMemory<byte> Answer(string argument)
    {
        var points = history.Read(out _).TakeLast(Steps).ToArray();
        return points.Length == 0 ? default : ApiResponse.Make(json => Write(json, points));
    }

    private static void Write(Utf8JsonWriter json, RatePoint[] points)
    {
        json.WriteNumber("interval", points.Length * RateHistory.Step.TotalSeconds);
        json.WriteStartObject("items");
        for (var i = 0; i < RateHistory.Counters.Count; i++)
        {
            json.WriteNumber($"clawevents.node.{RateHistory.Counters[i].Series}", points.Sum(point => point.Totals[i]));
        }

        json.WriteNumber("centrifugo.node.num_clients", points[^1].Connections);
        json.WriteNumber("clawevents.node.cpu", points.Average(point => point.Cpu));
        json.WriteNumber("clawevents.node.memory", points[^1].Memory);
        json.WriteEndObject();
    }
}
