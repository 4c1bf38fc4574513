using Microsoft.OpenApi;

namespace ClawEvents.Broker.Http.Description;

/// <summary>One field of a body, a query or an answer.</summary>
/// <param name="Type">Null: any JSON.</param>
/// <param name="Meaning">A phrase for the reader; empty where the name is enough.</param>
internal sealed record ApiField(string Name, JsonSchemaType? Type, string Meaning)
{
    /// <summary>Whether it may be left out.</summary>
    public bool IsOptional { get; init; }

    public static ApiField Ok { get; } = Flag("ok");

    public static ApiField Channel { get; } = Text("channel");

    public static ApiField Target { get; } = Text("target", "an agent, or app:NAME");

    public static ApiField Username { get; } = Text("username");

    public static ApiField Text(string name, string meaning = "") => new(name, JsonSchemaType.String, meaning);

    public static ApiField Number(string name, string meaning = "") => new(name, JsonSchemaType.Integer, meaning);

    public static ApiField Flag(string name, string meaning = "") => new(name, JsonSchemaType.Boolean, meaning);

    public static ApiField List(string name, string meaning = "") => new(name, JsonSchemaType.Array, meaning);

    public static ApiField Object(string name, string meaning = "") => new(name, JsonSchemaType.Object, meaning);

    public static ApiField Any(string name, string meaning = "") => new(name, null, meaning);

    public ApiField Optional() => this with { IsOptional = true };

    /// <summary>The JSON Schema of its value.</summary>
    public OpenApiSchema ToSchema() => new()
    {
        Type = Type,
        Items = Type is JsonSchemaType.Array ? new OpenApiSchema() : null,
        Description = Meaning.Length > 0 ? Meaning : null,
    };
}
