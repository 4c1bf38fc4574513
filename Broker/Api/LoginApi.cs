namespace ClawEvents.Broker.Api;

/// <summary>
/// <c>POST /auth/init</c> and <c>/auth/verify</c>, for both ways to prove a name, and <c>/auth/agent/init</c> and <c>/auth/agent/verify</c>,
/// for the SSH key alone. docs/reference/http-api.md#login
/// </summary>
internal sealed class LoginApi(BrokerOptions options, ProfileLogin profile, SshKeyLogin sshKey)
{
    private static readonly string[] SshKeyFields = ["key_name", "nonce", "signature"];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/auth/init", (RequestDelegate)(context => RunAsync(context, profile.InitAsync, sshKey.InitAsync)));
        endpoints.MapPost("/auth/verify", (RequestDelegate)(context => RunAsync(context, profile.VerifyAsync, sshKey.VerifyAsync)));
        endpoints.MapPost("/auth/agent/init", (RequestDelegate)(context => RunAsync(context, null, sshKey.InitAsync)));
        endpoints.MapPost("/auth/agent/verify", (RequestDelegate)(context => RunAsync(context, null, sshKey.VerifyAsync)));
    }

    private async Task RunAsync(HttpContext context, Func<HttpContext, string, Task>? actOnProfile, Func<HttpContext, string, RequestFields, Task> actOnKey)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        if (await Usernames.TakeAsync(context.Response, fields) is not { } username)
        {
            return;
        }

        await (actOnProfile is null || MeansSshKey(fields!) ? actOnKey(context, username, fields!) : actOnProfile(context, username));
    }

    // A field of a wrong type shows what was meant, too.
    private bool MeansSshKey(RequestFields fields) =>
        options.PrefersSshKeys || SshKeyFields.Any(name => !fields.TryGetText(name, out var value) || value.Length > 0);
}
