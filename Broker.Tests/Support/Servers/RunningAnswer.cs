namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>What a test compares of an HTTP response.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Type">The content type; null without one.</param>
/// <param name="Body">The body as text.</param>
internal readonly record struct RunningAnswer(int Status, string? Type, string Body)
{
    /// <summary>What /health says when all is well.</summary>
    public const string Healthy = """{"ok":true,"store":{"type":"sqlite","ok":true},"bus":{"ok":true}}""";

    /// <summary>The answer to an unknown path or a wrong method.</summary>
    public static RunningAnswer NotFound { get; } = new(404, "text/plain", "404 Not Found");

    public static RunningAnswer Json(int status, string body) => new(status, "application/json", body);

    public static RunningAnswer Error(int status, string message) => Json(status, $$"""{"error":"{{message}}"}""");
}
