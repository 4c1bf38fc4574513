using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using ClawEvents.Broker.Identity.Ssh;
using ClawEvents.Broker.State;

namespace ClawEvents.Broker.Api;

/// <summary>An agent proves its name by signing a challenge with an SSH key that it has published. docs/reference/http-api.md#login-with-an-ssh-key</summary>
internal sealed class SshKeyLogin(SshPublicKeys publicKeys, IStateStore store, ApiKeys apiKeys, TimeProvider time)
{
    private const int NonceBytes = 16;
    private const string NotText = "key_name, nonce and signature must be text";

    private static readonly int NonceLength = Base64Url.GetEncodedLength(NonceBytes);

    /// <param name="context">Its body is read.</param>
    /// <param name="username">A valid agent name.</param>
    public async Task InitAsync(HttpContext context, string username, RequestFields fields)
    {
        var fault = FaultOfKeyName(fields, out var keyName) ?? (await FindAsync(username, keyName, context.RequestAborted)).Fault;
        if (fault is not null)
        {
            await fault.WriteAsync(context.Response);
            return;
        }

        var key = new ChallengeKey(username, keyName, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(NonceBytes)));
        var issuedAt = time.GetUtcNow().ToUnixTimeSeconds();
        await store.SetChallengeAsync(key, issuedAt);
        await WriteChallengeAsync(context.Response, key, issuedAt);
    }

    /// <inheritdoc cref="InitAsync"/>
    public async Task VerifyAsync(HttpContext context, string username, RequestFields fields)
    {
        var fault = FaultOf(fields, username, out var key, out var signature) ?? await FaultOfProofAsync(key, signature, context.RequestAborted);
        await (fault?.WriteAsync(context.Response) ?? apiKeys.IssueAsync(context.Response, username, "API key created. Store it securely."));
    }

    private static Task WriteChallengeAsync(HttpResponse response, ChallengeKey key, long issuedAt) =>
        ApiResponse.WriteAsync(response, StatusCodes.Status200OK, json =>
        {
            json.WriteString("username", key.Username);
            json.WriteString("key_name", key.KeyName);
            json.WriteString("nonce", key.Nonce);
            json.WriteNumber("issuedAt", issuedAt);
            json.WriteString("message", MessageOf(key, issuedAt));
            json.WriteString("namespace", SshSignatures.Namespace);
            json.WriteNumber("expires_at", (issuedAt * 1000) + (long)PendingChallenges.Lifetime.TotalMilliseconds);
        });

    // The exact text that is signed.
    private static string MessageOf(ChallengeKey key, long issuedAt) =>
        string.Create(CultureInfo.InvariantCulture, $"claw.events login\nusername:{key.Username}\nkey:{key.KeyName}\nnonce:{key.Nonce}\nts:{issuedAt}");

    private static ApiError? FaultOfKeyName(RequestFields fields, out string keyName)
    {
        var isText = fields.TryGetText("key_name", out keyName);
        keyName = keyName.Length == 0 ? SshKeyName.Default : keyName;
        return !isText ? ApiError.BadRequest(NotText)
            : !SshKeyName.IsValid(keyName) ? ApiError.BadRequest(SshKeyName.Rule)
            : null;
    }

    private static ApiError? FaultOf(RequestFields fields, string username, out ChallengeKey key, out string signature)
    {
        var fault = FaultOfKeyName(fields, out var keyName);
        var areText = fields.TryGetText("nonce", out var nonce) & fields.TryGetText("signature", out signature);
        key = new ChallengeKey(username, keyName, nonce);
        return fault
            ?? (!areText ? ApiError.BadRequest(NotText)
            : nonce.Length == 0 ? ApiError.BadRequest("nonce required")
            : signature.Length == 0 ? ApiError.BadRequest("signature required")
            : signature.Length > SshSignatures.MaxSignatureLength ? ApiError.TooLarge($"signature too large (max {SshSignatures.MaxSignatureLength} characters)")
            : null);
    }

    // The challenge is consumed by any attempt.
    private async Task<ApiError?> FaultOfProofAsync(ChallengeKey key, string signature, CancellationToken cancellation)
    {
        if (key.Nonce.Length != NonceLength || await store.TakeChallengeAsync(key) is not { } issuedAt)
        {
            return ApiError.BadRequest("invalid or expired challenge");
        }

        var found = await FindAsync(key.Username, key.KeyName, cancellation);
        return found.Fault ?? (SshSignatures.IsGood(found.Key!, MessageOf(key, issuedAt), signature) ? null : ApiError.Unauthorized("signature verification failed"));
    }

    // One of the two is null.
    private async Task<(SshPublicKey? Key, ApiError? Fault)> FindAsync(string username, string keyName, CancellationToken cancellation) =>
        await publicKeys.FindAsync(username, keyName, cancellation) switch
        {
            { Fault: { } fault } => (null, new ApiError(StatusCodes.Status502BadGateway, $"public key lookup failed ({fault})")),
            { Text: null } => (null, new ApiError(StatusCodes.Status404NotFound, "public key not found")),
            { Text: var text } => SshPublicKey.TryParse(text, out var key) ? (key, null) : (null, ApiError.BadRequest(SshPublicKey.Rule)),
        };
}
