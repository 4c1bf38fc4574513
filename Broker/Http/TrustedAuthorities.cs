using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ClawEvents.Broker.Http;

/// <summary>Accepts the certificates of servers that the system trusts, and those signed by some authorities more.</summary>
internal static class TrustedAuthorities
{
    /// <summary>Judges a certificate, with the arguments of a callback of TLS.</summary>
    /// <param name="authorities">Those that count beside the system's; may be empty. A certificate that one of them signed has to be for the right name, too.</param>
    public static bool Accept(X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        errors is SslPolicyErrors.None
        || (errors is SslPolicyErrors.RemoteCertificateChainErrors && authorities.Count > 0 && certificate is X509Certificate2 signed && IsSignedBy(authorities, signed, chain));

    /// <summary>Judges a certificate by its name and by these authorities alone.</summary>
    /// <inheritdoc cref="Accept"/>
    public static bool AcceptNoOther(X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) is SslPolicyErrors.None && certificate is X509Certificate2 signed && IsSignedBy(authorities, signed, chain);

    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate2 certificate, X509Chain? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;

        // What the server sent beside its own: those between it and the authority.
        chain.ChainPolicy.ExtraStore.AddRange(sent?.ChainPolicy.ExtraStore ?? []);
        return chain.Build(certificate);
    }
}
