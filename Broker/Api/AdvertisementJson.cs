using System.Text.Json;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>How an advertisement is written in answers.</summary>
internal static class AdvertisementJson
{
    /// <summary><c>channel</c>, <c>description</c>, <c>schema</c> and <c>updatedAt</c> (ms), in an object that has been begun.</summary>
    public static void WriteFields(Utf8JsonWriter json, Advertisement advertisement)
    {
        json.WriteString("channel", advertisement.Channel.Value);
        json.WriteString("description", advertisement.Description);
        json.WritePropertyName("schema");

        // As the owner spelt it, where it was checked.
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
