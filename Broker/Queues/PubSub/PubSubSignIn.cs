using Google.Apis.Auth.OAuth2;

namespace ClawEvents.Broker.Queues.PubSub;

/// <summary>Signs each request to the service. The library renews what it signs with.</summary>
/// <param name="file">The key of a service account; null: the credentials of the place where the broker runs (Application Default Credentials).</param>
internal sealed class PubSubSignIn(string? file) : DelegatingHandler
{
    private const string Scope = "https://www.googleapis.com/auth/pubsub";

    // Written by any request: they would all read the same.
    private GoogleCredential? _credential;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _credential ??= (await ReadAsync(cancellationToken)).CreateScoped(Scope);
        var token = await ((ITokenAccessWithHeaders)_credential).GetAccessTokenWithHeadersForRequestAsync(cancellationToken: cancellationToken);
        request.Headers.Authorization = new("Bearer", token.AccessToken);
        token.AddHeaders(request);
        return await base.SendAsync(request, cancellationToken);
    }

    private async Task<GoogleCredential> ReadAsync(CancellationToken cancellation) => file is null
        ? await GoogleCredential.GetApplicationDefaultAsync(cancellation)
        : (await CredentialFactory.FromFileAsync<ServiceAccountCredential>(file, cancellation)).ToGoogleCredential();
}
