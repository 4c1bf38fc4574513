using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.Api;

/// <summary>Reads and checks the name in a request for a token.</summary>
internal static class Usernames
{
    /// <returns>A valid agent name, or null after a 400 has been written.</returns>
    public static async ValueTask<string?> ReadAsync(HttpContext context)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        return await ReadAsync(context.Response, fields);
    }

    /// <param name="response">Not started yet.</param>
    /// <param name="fields">Null when the body was not JSON.</param>
    /// <returns>A valid agent name, or null after a 400 has been written.</returns>
    public static async ValueTask<string?> ReadAsync(HttpResponse response, RequestFields? fields)
    {
        var username = "";
        var fault = fields?.TryGetText("username", out username) is not true ? "the body must be a JSON object with a text field username"
            : username.Length == 0 ? "username required"
            : !AgentName.IsValid(username) ? AgentName.Rule
            : null;
        if (fault is null)
        {
            return username;
        }

        await ApiError.BadRequest(fault).WriteAsync(response);
        return null;
    }
}
