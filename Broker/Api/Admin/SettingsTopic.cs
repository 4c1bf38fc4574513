using ClawEvents.Broker.Cluster;
using ClawEvents.Broker.Configuration;

namespace ClawEvents.Broker.Api.Admin;

/// <summary>This node's settings without secrets, each with the place that it comes from.</summary>
/// <param name="current">Null: the broker was started by a program of its own, without settings.</param>
internal sealed class SettingsTopic(CurrentSettings? current = null) : INodeTopicSource
{
    public NodeTopic Topic => NodeTopic.Settings;

    public ReadOnlyMemory<byte> Answer(string argument) => ApiResponse.Make(json =>
    {
        json.WriteStartArray("topics");
        foreach (var topic in EffectiveSettings.Read(current?.Origins ?? []))
        {
            json.WriteStartObject();
            json.WriteString("title", topic.Title);
            json.WriteStartArray("settings");
            foreach (var setting in topic.Settings)
            {
                json.WriteStartObject();
                json.WriteString("name", setting.Name);
                json.WriteString("value", setting.Value);
                json.WriteString("origin", setting.Origin);
                json.WriteBoolean("reloadable", setting.IsReloadable);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
