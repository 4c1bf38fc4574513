using System.Net.Http.Json;
using System.Text.Json;
using ClawEvents.Broker.Api.Admin;

namespace ClawEvents.Broker.Tests.Support.Servers;

/// <summary>Calls of an operator, with the key of the server API.</summary>
internal static class OperatorCalls
{
    public static Task<RunningAnswer> SendAsOperatorAsync(this RunningBroker broker, HttpMethod method, string path, string? body = null) =>
        broker.SendAsync(method, path, body?.Utf8(), ("X-API-Key", RunningBroker.Key));

    /// <summary>Fails unless the answer is 200.</summary>
    public static async Task<JsonElement> AskAsOperatorAsync(this RunningBroker broker, string path, string? body = null)
    {
        var answer = await broker.SendAsOperatorAsync(body is null ? HttpMethod.Get : HttpMethod.Post, path, body);
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        return JsonElement.Parse(answer.Body);
    }

    /// <summary>Signs in to the console.</summary>
    /// <param name="port">Null: the public one.</param>
    /// <returns>The cookie as the broker sets it, with its attributes in lower case; empty: it sets none.</returns>
    public static async Task<(int Status, string Body, string Cookie)> SignInAsync(this RunningBroker broker, string password, Uri? port = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(port ?? broker.Url, "/admin/login"));
        request.Content = JsonContent.Create(new { password });
        request.Headers.Add(AdminSessions.Header, "1");
        using var response = await broker.Http.SendAsync(request);
        var cookies = response.Headers.TryGetValues("Set-Cookie", out var values) ? string.Join('\n', values) : "";
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), cookies);
    }
}
