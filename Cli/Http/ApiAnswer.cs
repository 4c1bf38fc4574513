using System.Net;
using System.Text.Json;
using ClawEvents.Cli.Output;

namespace ClawEvents.Cli.Http;

/// <summary>The result of a request.</summary>
/// <param name="Failure">null for a 2xx with a JSON object; otherwise the error to show, unless the verb has a better one for this
/// <see cref="Status"/>.</param>
/// <param name="Status">null if nothing was sent or no answer came.</param>
/// <param name="Json">The body if it is JSON, whatever the status.</param>
internal sealed record ApiAnswer(Failure? Failure, HttpStatusCode? Status = null, JsonElement? Json = null)
{
    /// <summary>The server's reason for a refusal, unchanged, or its status in words; null after a success.</summary>
    public string? Reason { get; init; }

    public string? Text(ReadOnlySpan<byte> member) => Json?.StringMember(member);

    /// <summary>A member of the body; null if it is absent.</summary>
    public JsonElement? Member(ReadOnlySpan<byte> name) => Json?.Member(name);

    public IEnumerable<JsonElement> List(ReadOnlySpan<byte> member) => Json?.ListMember(member) ?? [];
}
