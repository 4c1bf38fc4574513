using System.Text.Json;

namespace ClawEvents.Broker.McpTools;

/// <summary>The answer to a call of a broker's HTTP API.</summary>
/// <param name="Json">The body; null: it is not JSON.</param>
internal readonly record struct BrokerAnswer(int Status, JsonElement? Json)
{
    public bool IsSuccess => Status is >= 200 and < 300;
}

/// <summary>A broker as one caller reaches it: over the network, or from inside. Thread-safe.</summary>
internal interface IBrokerCalls
{
    /// <summary>The caller's token; null: it has none.</summary>
    string? Token { get; }

    /// <summary>Calls the HTTP API, with the caller's token.</summary>
    /// <param name="method"><c>GET</c> or <c>POST</c>.</param>
    /// <param name="path">With its query.</param>
    /// <param name="body">A JSON object; null: none.</param>
    /// <exception cref="IOException">The broker was not reached.</exception>
    ValueTask<BrokerAnswer> CallAsync(string method, string path, byte[]? body, CancellationToken cancellation);

    /// <summary>Opens one of the streams of the client protocol by a POST, without a header of the caller: its token is in the body.</summary>
    /// <returns>The lines of the answer, until it ends or the caller has enough.</returns>
    /// <exception cref="IOException">The broker was not reached, or has refused the request.</exception>
    IAsyncEnumerable<string> StreamAsync(string path, byte[] body, CancellationToken cancellation);
}
