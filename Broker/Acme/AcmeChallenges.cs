using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ClawEvents.Broker.Files;

namespace ClawEvents.Broker.Acme;

/// <summary>The answers to questions with which an ACME server checks that a host is ours. Thread-safe.</summary>
/// <remarks>Those over HTTP are files of the folder, so that any node that shares it can answer.</remarks>
internal sealed class AcmeChallenges(AcmeOptions options)
{
    // RFC 8737, section 3: id-pe-acmeIdentifier.
    private const string Identifier = "1.3.6.1.5.5.7.1.31";

    private readonly ConcurrentDictionary<string, SslStreamCertificateContext> _tls = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Answers a token until the result is disposed of.</summary>
    /// <exception cref="AcmeException">The token is not one.</exception>
    public IDisposable AnswerHttp(string token, string answer)
    {
        var file = FileOf(token) ?? throw new AcmeException("the server's token has a character that is not allowed");
        using (var stream = new FileStream(file, DataFolder.FileOptions(FileMode.Create)))
        {
            stream.Write(Encoding.ASCII.GetBytes(answer));
        }

        return new Ending(() => File.Delete(file));
    }

    /// <inheritdoc cref="AnswerHttp"/>
    public IDisposable AnswerTls(string host, string answer)
    {
        _tls[host] = CertificateFor(host, answer);
        return new Ending(() => _tls.TryRemove(host, out _));
    }

    /// <returns>Null for an unknown token.</returns>
    public string? FindHttp(string token) => FileOf(token) is { } file && File.Exists(file) ? File.ReadAllText(file) : null;

    /// <summary>The certificate that answers the challenge of a host.</summary>
    /// <returns>Null when there is none.</returns>
    public SslStreamCertificateContext? FindTls(string host) => _tls.GetValueOrDefault(host);

    // Section 8.3 of RFC 8555: base64url, so that it cannot lead out of the folder.
    private string? FileOf(string token) =>
        token.Length is > 0 and <= 128 && token.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_') ? Path.Combine(options.Folder, $"{token}.token") : null;

    private static SslStreamCertificateContext CertificateFor(string host, string answer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = AcmeOrder.RequestFor(host, key);
        var digest = new AsnWriter(AsnEncodingRules.DER);
        digest.WriteOctetString(SHA256.HashData(Encoding.ASCII.GetBytes(answer)));
        request.CertificateExtensions.Add(new X509Extension(Identifier, digest.Encode(), critical: true));
        var now = DateTimeOffset.UtcNow;
        return SslStreamCertificateContext.Create(request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1)), additionalCertificates: null, offline: true);
    }

    private sealed class Ending(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
