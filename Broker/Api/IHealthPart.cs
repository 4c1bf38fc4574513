using System.Text.Json;

namespace ClawEvents.Broker.Api;

/// <summary>What a room above this one adds to the health answer. It does not change the status.</summary>
internal interface IHealthPart
{
    /// <summary>Writes a member of the answer, or nothing. Does not wait.</summary>
    void Write(Utf8JsonWriter json);
}
