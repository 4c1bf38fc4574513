namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>The parts of an HTTP response that tests compare.</summary>
/// <param name="Type">The content type; null without one.</param>
internal readonly record struct RunningAnswer(int Status, string? Type, string Body)
{
    /// <summary>The answer of /health without a fault.</summary>
    public const string Healthy = """{"ok":true,"store":{"type":"sqlite","ok":true},"bus":{"ok":true}}""";

    /// <summary>The answer to an unknown path or a wrong method.</summary>
    public static RunningAnswer NotFound { get; } = new(404, "text/plain", "404 Not Found");

    public static RunningAnswer Json(int status, string body) => new(status, "application/json", body);

    public static RunningAnswer Error(int status, string message) => Json(status, $$"""{"error":"{{message}}"}""");
}
