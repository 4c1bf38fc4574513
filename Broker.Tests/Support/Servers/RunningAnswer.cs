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

    /// <summary>A refusal by a rule of the permissions, which only a 403 names.</summary>
    public static RunningAnswer Refused(int status, string message, string rule) => status == 403 ? Denied(message, rule) : Error(status, message);

    /// <summary>A refusal by a rule of the permissions.</summary>
    public static RunningAnswer Denied(string message, string rule) => Json(403, $$"""{"error":"{{message}}","reason":"{{rule}}"}""");
}
