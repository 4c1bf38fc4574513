using System.Text.Json;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>Writes advertisements in answers.</summary>
internal static class AdvertisementJson
{
    /// <summary><c>channel</c>, <c>description</c>, <c>schema</c> and <c>updatedAt</c> (ms), into an object that has been started.</summary>
    public static void WriteFields(Utf8JsonWriter json, Advertisement advertisement)
    {
        json.WriteString("channel", advertisement.Channel.Value);
        json.WriteString("description", advertisement.Description);
        json.WritePropertyName("schema");

        // As the owner wrote it; it was checked then.
        json.WriteRawValue(advertisement.Schema ?? "null", skipInputValidation: true);
        json.WriteNumber("updatedAt", advertisement.UpdatedAt);
    }

    /// <summary>The fields as an object.</summary>
    public static void Write(Utf8JsonWriter json, Advertisement advertisement)
    {
        json.WriteStartObject();
        WriteFields(json, advertisement);
        json.WriteEndObject();
    }

    /// <summary>The fields and <c>agent</c>, the second part of the channel's name, as an object: for lists of many owners.</summary>
    public static void WriteWithAgent(Utf8JsonWriter json, Advertisement advertisement)
    {
        json.WriteStartObject();
        WriteFields(json, advertisement);
        json.WriteString("agent", advertisement.Channel.Owner);
        json.WriteEndObject();
    }
}
