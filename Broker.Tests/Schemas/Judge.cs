extern alias broker;

using System.Text;
using broker::ClawEvents.Broker.Schemas;

namespace ClawEvents.Broker.Tests.Schemas;

/// <summary>A schema and a payload as text.</summary>
internal static class Judge
{
    public static ChannelSchema Compile(string schema) => ChannelSchema.Compile(Encoding.UTF8.GetBytes(schema));

    public static IReadOnlyList<SchemaError> Validate(string schema, string payload) =>
        Compile(schema).Validate(Encoding.UTF8.GetBytes(payload));
}
