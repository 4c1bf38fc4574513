using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.Api;

/// <summary>Reads the name that somebody wants to have, for the doors that give out tokens.</summary>
internal static class Usernames
{
    /// <returns>A valid agent name, or null after a 400 has been written.</returns>
    public static async ValueTask<string?> ReadAsync(HttpContext context)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        return await TakeAsync(context.Response, fields);
    }

    /// <param name="response">Not started yet.</param>
    /// <param name="fields">Null when the body was not JSON.</param>
    /// <returns>A valid agent name, or null after a 400 has been written.</returns>
    public static async ValueTask<string?> TakeAsync(HttpResponse response, RequestFields? fields)
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
