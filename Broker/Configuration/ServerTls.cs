namespace ClawEvents.Broker.Configuration;

/// <summary>TLS of a port. Each value is the path of a PEM file, or PEM.</summary>
/// <param name="Prefix">Begins the names of its settings.</param>
/// <param name="Certificate"><c>…TlsCertificateFile</c>, with its chain.</param>
/// <param name="Key"><c>…TlsKeyFile</c>.</param>
/// <param name="ClientAuthorities"><c>…TlsClientAuthorityFile</c>: clients need a certificate that one of these signed; null: they need none.</param>
internal sealed record ServerTls(string Prefix, string Certificate, string Key, string? ClientAuthorities = null);
