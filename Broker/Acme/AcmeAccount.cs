using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClawEvents.Broker.Text;

namespace ClawEvents.Broker.Acme;

/// <summary>The key of an account with an ACME server, and requests that it signs (RFC 8555, section 6). Not for two threads at the same time.</summary>
/// <param name="http">Owned by the caller.</param>
/// <param name="key">P-256.</param>
internal sealed class AcmeAccount(HttpClient http, Uri directory, ECDsa key)
{
    private const int MostTries = 5;
    private const string NonceHeader = "Replay-Nonce";
    private const string BadNonce = "urn:ietf:params:acme:error:badNonce";

    private static readonly MediaTypeHeaderValue Jose = new("application/jose+json");

    private JsonElement _directory;
    private Uri? _account;
    private string? _nonce;

    /// <summary>What answers a challenge: the token, and the thumbprint of the key (section 8.1).</summary>
    public string Authorize(string token) => $"{token}.{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(PublicKey())))}";

    /// <summary>Makes the account, or finds the one of this key.</summary>
    /// <param name="email">Null: none.</param>
    /// <exception cref="AcmeException">The server refuses, or does not speak ACME.</exception>
    /// <exception cref="HttpRequestException">It cannot be reached.</exception>
    public async Task SignInAsync(string? email, CancellationToken cancellation)
    {
        using (var description = await http.GetAsync(directory, cancellation))
        {
            _directory = (await ReadAsync(description, cancellation)).Body;
        }

        var payload = AcmeJson.Of(json =>
        {
            json.WriteBoolean("termsOfServiceAgreed", true);
            if (email is not null)
            {
                json.WriteStartArray("contact");
                json.WriteStringValue($"mailto:{email}");
                json.WriteEndArray();
            }
        });
        _account = (await PostAsync(PlaceOf("newAccount"), payload, cancellation)).Location ?? throw new AcmeException("the server did not say where the account is");
    }

    /// <summary>Asks for a certificate for a host.</summary>
    public Task<AcmeAnswer> OrderAsync(string host, CancellationToken cancellation) => PostAsync(PlaceOf("newOrder"), AcmeJson.Of(json =>
    {
        json.WriteStartArray("identifiers");
        json.WriteStartObject();
        json.WriteString("type", "dns");
        json.WriteString("value", host);
        json.WriteEndObject();
        json.WriteEndArray();
    }), cancellation);

    /// <summary>Reads what is at an address (section 6.3).</summary>
    public Task<AcmeAnswer> GetAsync(Uri address, CancellationToken cancellation) => PostAsync(address, "", cancellation);

    /// <param name="payload">JSON, or empty to read only.</param>
    /// <exception cref="AcmeException">The server refuses.</exception>
    /// <exception cref="HttpRequestException">It cannot be reached.</exception>
    public async Task<AcmeAnswer> PostAsync(Uri address, string payload, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var content = new StringContent(await SignAsync(address, payload, cancellation));
            content.Headers.ContentType = Jose;
            using var response = await http.PostAsync(address, content, cancellation);
            _nonce = response.Headers.TryGetValues(NonceHeader, out var nonces) ? nonces.First() : null;
            try
            {
                return await ReadAsync(response, cancellation);
            }
            catch (AcmeException exception) when (exception.Message.Contains(BadNonce, StringComparison.Ordinal) && attempt < MostTries)
            {
                // Section 6.5: the answer had a new one.
            }
        }
    }

    private async Task<string> SignAsync(Uri address, string payload, CancellationToken cancellation)
    {
        var nonce = _nonce ?? await FetchNonceAsync(cancellation);
        var head = AcmeJson.Of(json =>
        {
            json.WriteString("alg", "ES256");
            json.WriteString("nonce", nonce);
            json.WriteString("url", address.AbsoluteUri);
            if (_account is null)
            {
                json.WritePropertyName("jwk");
                json.WriteRawValue(PublicKey());
            }
            else
            {
                json.WriteString("kid", _account.AbsoluteUri);
            }
        });
        var (first, second) = (Encode(head), Encode(payload));
        var signature = key.SignData(Encoding.ASCII.GetBytes($"{first}.{second}"), HashAlgorithmName.SHA256);
        return AcmeJson.Of(json =>
        {
            json.WriteString("protected", first);
            json.WriteString("payload", second);
            json.WriteString("signature", Base64Url.EncodeToString(signature));
        });
    }

    private async Task<string> FetchNonceAsync(CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, PlaceOf("newNonce"));
        using var response = await http.SendAsync(request, cancellation);
        return response.Headers.TryGetValues(NonceHeader, out var nonces) ? nonces.First() : throw new AcmeException("the server gave no nonce");
    }

    private Uri PlaceOf(string name) => AcmeAnswer.UriOf(_directory, name);

    // The form of RFC 7638: these members, in this order, without blanks.
    private string PublicKey()
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"}""";
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static async Task<AcmeAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var text = await response.Content.ReadAsStringAsync(cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw new AcmeException($"status {(int)response.StatusCode}: {LogText.Of(text)}");
        }

        var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) is true;
        return new(isJson ? Parse(text) : default, text, response.Headers.Location, response.Headers.RetryAfter?.Delta);
    }

    private static JsonElement Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new AcmeException("the server's answer is not JSON", exception);
        }
    }
}

/// <summary>An answer of an ACME server.</summary>
/// <param name="Body">Undefined when it is not JSON.</param>
/// <param name="Location">Null when the server does not say one.</param>
/// <param name="RetryAfter">When to ask again; null: not said.</param>
internal sealed record AcmeAnswer(JsonElement Body, string Text, Uri? Location, TimeSpan? RetryAfter)
{
    /// <summary>The state of an order, an authorization or a challenge; empty when it is not said.</summary>
    public string Status => TextOf(Body, "status");

    /// <exception cref="AcmeException">There is no such address in it.</exception>
    public static Uri UriOf(JsonElement json, string name) =>
        Uri.TryCreate(TextOf(json, name), UriKind.Absolute, out var address) ? address : throw new AcmeException($"the server's answer has no {name}");

    public static string TextOf(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "";

    /// <summary>The elements of a list in it; empty when there is none.</summary>
    public IEnumerable<JsonElement> List(string name) =>
        Body.ValueKind is JsonValueKind.Object && Body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Array ? [.. value.EnumerateArray()] : [];
}
