using ClawEvents.Broker.Http.Description;
using ClawEvents.Broker.Identity;

namespace ClawEvents.Broker.Api;

/// <summary>
/// <c>POST /auth/init</c> and <c>/auth/verify</c>, for both ways to prove a name, and <c>/auth/agent/init</c> and <c>/auth/agent/verify</c>,
/// for the SSH key alone. docs/reference/http-api.md#login
/// </summary>
internal sealed class LoginApi(IdentityOptions options, ProfileLogin profile, SshKeyLogin sshKey, AddressGuard guard) : IApi
{
    private static readonly string[] SshKeyFields = ["key_name", "nonce", "signature"];

    private static readonly ApiField KeyName = ApiField.Text("key_name", "main if left out").Optional();
    private static readonly ApiField Token = ApiField.Text("token", "for 7 days");
    private static readonly ApiField[] ProfileChallenge =
    [
        ApiField.Text("signature", "to be put into the profile"), ApiField.Text("verifier", "secret, for verify"), ApiField.Text("instructions"),
    ];

    private static readonly ApiField Verifier = ApiField.Text("verifier", "of init, for a login by profile").Optional();
    private static readonly ApiField[] Proof = [ApiField.Text("nonce"), ApiField.Text("signature", "SSHSIG over the message")];
    private static readonly ApiField[] KeyAnswer = [ApiField.Username, ApiField.Text("hint")];

    private static readonly ApiField[] KeyChallenge =
    [
        ApiField.Text("key_name"), ApiField.Text("nonce"), ApiField.Number("issuedAt", "s"), ApiField.Text("message", "to be signed"),
        ApiField.Text("namespace"), ApiField.Number("expires_at", "ms"),
    ];

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/auth/init", guard.SignIn(context => RunAsync(context, (_, username, _) => profile.InitAsync(context, username), sshKey.InitAsync)))
            .Describe(Describe("Begin a login, by profile or by key", [KeyName], [ApiField.Username, .. ProfileChallenge.Select(Optional), .. KeyChallenge.Select(Optional)]));
        endpoints.MapPost("/auth/verify", guard.SignIn(context => RunAsync(context, profile.VerifyAsync, sshKey.VerifyAsync)))
            .Describe(Describe("Complete a login, by profile or by key", [Verifier, KeyName, .. Proof.Select(Optional)], [Token, .. KeyAnswer.Select(Optional)]));
        endpoints.MapPost("/auth/agent/init", guard.SignIn(context => RunAsync(context, null, sshKey.InitAsync)))
            .Describe(Describe("Begin a login by SSH key", [KeyName], [ApiField.Username, .. KeyChallenge]));
        endpoints.MapPost("/auth/agent/verify", guard.SignIn(context => RunAsync(context, null, sshKey.VerifyAsync)))
            .Describe(Describe("Complete a login by SSH key", [KeyName, .. Proof], [Token, .. KeyAnswer]));
    }

    private static ApiField Optional(ApiField field) => field.Optional();

    private static ApiDescription Describe(string summary, ApiField[] body, ApiField[] answer) => new(ApiDescription.SignIn, summary)
    {
        Body = [ApiField.Username, .. body],
        Answer = answer,
        Refusals =
        [
            StatusCodes.Status401Unauthorized,
            StatusCodes.Status404NotFound,
            StatusCodes.Status429TooManyRequests,
            StatusCodes.Status500InternalServerError,
            StatusCodes.Status501NotImplemented,
            StatusCodes.Status502BadGateway,
            StatusCodes.Status503ServiceUnavailable,
        ],
    };

    private async Task RunAsync(HttpContext context, Func<HttpContext, string, RequestFields, Task>? actOnProfile, Func<HttpContext, string, RequestFields, Task> actOnKey)
    {
        using var fields = await RequestFields.ReadAsync(context.Request);
        if (await Usernames.ReadAsync(context.Response, fields) is not { } username)
        {
            return;
        }

        await (actOnProfile is null || MeansSshKey(fields!) ? actOnKey(context, username, fields!) : actOnProfile(context, username, fields!));
    }

    // A field of a wrong type counts, too: it shows which login is meant.
    private bool MeansSshKey(RequestFields fields) =>
        options.PrefersSshKeys || SshKeyFields.Any(name => !fields.TryGetText(name, out var value) || value.Length > 0);
}
