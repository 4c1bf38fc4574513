using System.Text.Json;
using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Telemetry;

namespace ClawEvents.Broker.Api.Admin;

/// <summary>This node's figures of the last hour.</summary>
internal sealed class RatesTopic(RateHistory history) : INodeTopicSource
{
    public NodeTopic Topic => NodeTopic.Rates;

    public ReadOnlyMemory<byte> Answer(string argument) => ApiResponse.Make(json =>
    {
        var points = history.Read(out var newest);
        json.WriteNumber("step", RateHistory.Step.TotalSeconds);
        json.WriteNumber("newest", newest.ToUnixTimeSeconds());
        json.WriteStartObject("series");
        for (var i = 0; i < RateHistory.Counters.Count; i++)
        {
            Write(json, RateHistory.Counters[i].Series, points, point => point.Totals[i] / RateHistory.Step.TotalSeconds);
        }

        Write(json, "connections", points, point => point.Connections);
        Write(json, "p50", points, point => point.Median);
        Write(json, "p99", points, point => point.Worst);
        Write(json, "cpu", points, point => point.Cpu);
        Write(json, "memory", points, point => point.Memory);
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<RatePoint> points, Func<RatePoint, double> value)
    {
        json.WriteStartArray(name);
        foreach (var number in points.Select(value))
        {
            if (double.IsNaN(number))
            {
                json.WriteNullValue();
            }
            else
            {
                json.WriteNumberValue(Rounded(number));
            }
        }

        json.WriteEndArray();
    }

    // Three digits are what a chart can show; an hour of them is a message between nodes.
    private static double Rounded(double number) =>
        number == 0 ? 0 : Math.Abs(number) >= 1000 ? Math.Round(number) : Math.Round(number, Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(number))), 0, 9));
}
